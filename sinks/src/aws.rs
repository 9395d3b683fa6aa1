//! The configuration that all AWS clients share, made when the first of them is needed.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

/// The timeout of a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// The timeout of a call. A hung service costs this, not the invocation.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The configuration of AWS clients. Cloning shares it.
#[derive(Clone)]
pub struct Aws {
    config: Arc<LazyLock<SdkConfig, Box<dyn FnOnce() -> SdkConfig + Send>>>,
    has_credentials: bool,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Aws").finish_non_exhaustive()
    }
}

/// What the function's environment states about AWS.
#[derive(Clone, Default)]
pub struct AwsSettings {
    /// `AWS_REGION`.
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<String>,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<String>,
    /// The content of the file that `AWS_CA_BUNDLE` names: certificates in PEM to trust in addition
    /// to the system's.
    pub ca_bundle: Option<Vec<u8>>,
    /// `AWS_USE_FIPS_ENDPOINT`.
    pub use_fips: bool,
    /// `AWS_USE_DUALSTACK_ENDPOINT`.
    pub use_dual_stack: bool,
    /// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`, by the variables' names.
    pub endpoints: BTreeMap<String, String>,
}

impl fmt::Debug for AwsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSettings").field("region", &self.region).finish_non_exhaustive()
    }
}

impl Aws {
    /// Configures clients as Lambda's environment states. Nothing is read or connected until a
    /// client is needed.
    pub fn new(settings: AwsSettings) -> Self {
        let has_credentials =
            settings.access_key_id.is_some() && settings.secret_access_key.is_some();
        Self { has_credentials, ..Self::loaded_by(move || configure(settings)) }
    }

    /// Configures clients from elsewhere, for example from profiles, when one is needed.
    ///
    /// Give the loader [`client_settings`].
    pub fn loaded_by(load: impl FnOnce() -> SdkConfig + Send + 'static) -> Self {
        let load: Box<dyn FnOnce() -> SdkConfig + Send> = Box::new(load);
        Self { config: Arc::new(LazyLock::new(load)), has_credentials: true }
    }

    /// Whether requests can be signed. A configuration that is loaded elsewhere finds its
    /// credentials when it needs them.
    pub fn has_credentials(&self) -> bool {
        self.has_credentials
    }

    /// The configuration of the SDK's clients.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }
}

/// No retries, because [`Retry`](crate::Retry) performs them, and the timeouts of every call.
pub fn client_settings() -> (RetryConfig, TimeoutConfig) {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(CALL_TIMEOUT);
    (RetryConfig::disabled(), timeouts.build())
}

fn configure(settings: AwsSettings) -> SdkConfig {
    let (retries, timeouts) = client_settings();
    let mut builder = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(settings.region.clone().map(Region::new))
        .retry_config(retries)
        .timeout_config(timeouts)
        .http_client(http_client(trust_store(&settings)))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()));
    builder.set_use_fips(Some(settings.use_fips));
    builder.set_use_dual_stack(Some(settings.use_dual_stack));
    builder.set_endpoint_url(settings.endpoints.get("AWS_ENDPOINT_URL").cloned());
    set_credentials(&mut builder, &settings);
    builder.service_config(Endpoints(settings.endpoints)).build()
}

/// Lambda passes the role's credentials in the environment and starts a new process when they
/// change.
fn set_credentials(builder: &mut sdk_config::Builder, settings: &AwsSettings) {
    if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
        let credentials =
            Credentials::new(id, secret, settings.session_token.clone(), None, "environment");
        builder.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
    }
}

/// Service-specific endpoints, as in `AWS_ENDPOINT_URL_FIREHOSE`.
#[derive(Debug)]
struct Endpoints(BTreeMap<String, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}

/// A client that trusts the system's root certificates, and those of a bundle in PEM.
pub fn native_http_client(ca_bundle: Option<Vec<u8>>) -> SharedHttpClient {
    let roots = TrustStore::empty().with_native_roots(true);
    http_client(ca_bundle.into_iter().fold(roots, TrustStore::with_pem_certificate))
}

fn http_client(roots: TrustStore) -> SharedHttpClient {
    let builder = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring));
    // The only context that cannot be built is one with server names, and this has none.
    let context = TlsContext::builder().with_trust_store(roots).build().unwrap_or_default();
    builder.tls_context(context).build_https()
}

/// The root certificates that AWS's endpoints in the main partition chain to, or else the system's.
///
/// Parsing some 140 system roots costs more than everything else at start.
fn trust_store(settings: &AwsSettings) -> TrustStore {
    if let Some(bundle) = &settings.ca_bundle {
        return TrustStore::empty().with_native_roots(true).with_pem_certificate(bundle.clone());
    }
    let main_partition = settings.region.as_deref().is_some_and(is_in_main_partition);
    let custom_https = settings.endpoints.values().any(|url| url.starts_with("https:"));
    if !main_partition || custom_https {
        return TrustStore::empty().with_native_roots(true);
    }
    TrustStore::empty().with_pem_certificate(AMAZON_ROOTS)
}

/// The certificates at <https://www.amazontrust.com/repository/>: Amazon Root CA 1 to 4 and
/// Starfield Services Root CA G2.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// China, GovCloud, the isolated regions and the European sovereign cloud are partitions with
/// distinct names.
fn is_in_main_partition(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|prefix| region.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_partitions_and_custom_endpoints_use_system_roots() {
        let settings =
            |region: &str| AwsSettings { region: Some(region.into()), ..AwsSettings::default() };
        let own = |settings: &AwsSettings| {
            !format!("{:?}", trust_store(settings)).contains("native_roots: true")
        };
        assert!(own(&settings("eu-west-1")));
        assert!(!own(&settings("cn-north-1")));
        assert!(!own(&AwsSettings::default()));
        let endpoint = |url: &str| AwsSettings {
            endpoints: [("AWS_ENDPOINT_URL".to_owned(), url.to_owned())].into(),
            ..settings("eu-west-1")
        };
        assert!(own(&endpoint("http://127.0.0.1:4566")));
        assert!(!own(&endpoint("https://vpce.example.com")));
    }
}
