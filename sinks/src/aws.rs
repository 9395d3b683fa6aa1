//! The configuration that all AWS clients share, made when the first of them is needed.

use std::collections::BTreeMap;
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
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::sdk_config;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::Cause;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// How long a call may take. A hung service costs this, not the invocation.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// What AWS clients are made of. Cloning shares it.
#[derive(Clone)]
pub struct Aws {
    config: Arc<LazyLock<SdkConfig, Box<dyn FnOnce() -> SdkConfig + Send>>>,
}

/// What the function's environment tells of AWS.
#[derive(Clone, Debug, Default)]
pub struct AwsSettings {
    /// `AWS_REGION`.
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<String>,
    /// `AWS_SESSION_TOKEN`.
    pub session_token: Option<String>,
    /// The content of the file that `AWS_CA_BUNDLE` names: certificates in PEM to trust besides the machine's.
    pub ca_bundle: Option<Vec<u8>>,
    /// `AWS_ENDPOINT_URL` and `AWS_ENDPOINT_URL_<SERVICE>`, by the variables' names.
    pub endpoints: BTreeMap<String, String>,
}

impl Aws {
    /// Makes clients as Lambda's environment says. Nothing is read or connected until a client is needed.
    pub fn new(settings: AwsSettings) -> Self {
        Aws::loaded_by(move || configure(settings))
    }

    /// Makes clients of a configuration that is loaded elsewhere, from profiles for example, when one is needed.
    ///
    /// Give the loader [`client_settings`].
    pub fn loaded_by(load: impl FnOnce() -> SdkConfig + Send + 'static) -> Self {
        let load: Box<dyn FnOnce() -> SdkConfig + Send> = Box::new(load);
        Aws { config: Arc::new(LazyLock::new(load)) }
    }

    /// The configuration of the SDK's clients.
    pub fn sdk_config(&self) -> &SdkConfig {
        &self.config
    }
}

/// No retries, because [`Retry`](crate::Retry) makes them, and the time-outs of every call.
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
    builder.set_endpoint_url(settings.endpoints.get("AWS_ENDPOINT_URL").cloned());
    set_credentials(&mut builder, &settings);
    builder.service_config(Endpoints(settings.endpoints)).build()
}

/// Lambda hands the role's credentials over in the environment and starts a new process when they change.
fn set_credentials(builder: &mut sdk_config::Builder, settings: &AwsSettings) {
    if let (Some(id), Some(secret)) = (&settings.access_key_id, &settings.secret_access_key) {
        let credentials =
            Credentials::new(id, secret, settings.session_token.clone(), None, "environment");
        builder.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials)));
    }
}

/// Endpoints of single services, as `AWS_ENDPOINT_URL_FIREHOSE`.
#[derive(Debug)]
struct Endpoints(BTreeMap<String, String>);

impl LoadServiceConfig for Endpoints {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_uppercase().replace([' ', '-'], "_");
        self.0.get(&format!("{}_{service}", key.env())).cloned()
    }
}

/// A client that trusts the roots of this machine, and the certificates of a bundle in PEM.
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

/// The few roots that AWS's own endpoints in its main partition chain to, or else the machine's.
///
/// Reading the machine's some 140 roots costs more than everything else at start.
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

/// The certificates at <https://www.amazontrust.com/repository/>: Amazon Root CA 1 to 4 and Starfield Services Root CA G2.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");

/// China, GovCloud, the isolated regions and the European sovereign cloud have names of their own kind.
fn is_in_main_partition(region: &str) -> bool {
    !["cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"].iter().any(|prefix| region.starts_with(prefix))
}

/// The class of what an SDK's client says went wrong.
pub(crate) fn cause<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Cause {
    match error {
        SdkError::TimeoutError(_) => Cause::TimedOut,
        SdkError::DispatchFailure(failure) if failure.is_timeout() => Cause::TimedOut,
        // No region or no credentials: the call was not made.
        SdkError::DispatchFailure(failure)
            if failure.is_other() && failure.as_other().is_none() =>
        {
            Cause::Denied
        }
        SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => Cause::Unavailable,
        SdkError::ServiceError(error) => {
            cause_of(error.raw().status().as_u16(), error.err().code().unwrap_or_default())
        }
        _ => Cause::Unknown,
    }
}

fn cause_of(status: u16, code: &str) -> Cause {
    let throttled = ["Throttl", "SlowDown", "LimitExceeded", "TooManyRequests"]
        .iter()
        .any(|part| code.contains(part));
    if throttled || status == 429 {
        Cause::Throttled
    } else if matches!(status, 401 | 403 | 404) || DENIED.contains(&code) {
        Cause::Denied
    } else if status >= 500 || status == 409 || code == "RequestTimeout" {
        Cause::Unavailable
    } else {
        Cause::Unknown
    }
}

/// Error codes that come with status 400 and that no retry can mend.
const DENIED: [&str; 6] = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "IncompleteSignatureException",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_tell_more_than_the_status() {
        for (status, code, cause) in [
            (400, "ThrottlingException", Cause::Throttled),
            (503, "SlowDown", Cause::Throttled),
            (400, "AccessDeniedException", Cause::Denied),
            (404, "NoSuchBucket", Cause::Denied),
            (403, "", Cause::Denied),
            (409, "ConditionalRequestConflict", Cause::Unavailable),
            (500, "", Cause::Unavailable),
            (503, "ServiceUnavailableException", Cause::Unavailable),
            (400, "ValidationException", Cause::Unknown),
        ] {
            assert_eq!(cause_of(status, code), cause, "{status} {code}");
        }
    }

    #[test]
    fn other_partitions_and_bundles_need_more_than_amazons_roots() {
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
