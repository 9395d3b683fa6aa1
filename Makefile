# `make` alone lists the targets. Nothing but Rust, Python 3 and Terraform is needed beforehand.

PYTHON ?= python3
# As the Terraform module's `architecture`.
arch   ?= x86_64
source ?= dynamodb
sample ?= events/samples/orders.json
seconds ?= 60
records ?= 1350000
export PYTHONDONTWRITEBYTECODE = 1
export CARGO_TERM_COLOR ?= auto
ifdef profile
export AWS_PROFILE = $(profile)
endif

runs     := tests/end_to_end
tools    := .tools/installed
checkov  := .tools/checkov/installed
lake     := .tools/lake/installed
zip      := target/lambda/changefan.zip
examples := $(wildcard terraform/examples/*)
fuzzers  := $(basename $(notdir $(wildcard fuzz/fuzz_targets/*.rs)))
terraform := terraform -chdir=terraform
# Tests share one copy of Terraform's provider, and may take it from a mirror: see tests/end_to_end/terraform_mirror.py.
providers := $(CURDIR)/target/terraform-providers
test-provider := mkdir -p $(providers); export TF_CLI_CONFIG_FILE="$$($(PYTHON) $(runs)/terraform_mirror.py)" \
	TF_PLUGIN_CACHE_DIR="$${TF_PLUGIN_CACHE_DIR:-$(providers)}"
settings  := -var function_zip=$(CURDIR)/$(zip) -var architecture=$(arch)

# $(1): the manifest of a package, $(2): what is compiled of it.
define check-features
	@for feature in '' $(shell sed -n '/^\[features\]/,/^\[/s/^\([a-z][a-z0-9-]*\) = .*/\1/p' $(1)); do \
		echo "cargo check $(2) --no-default-features --features '$$feature'"; \
		cargo check --quiet $(2) --locked --no-default-features --features "$$feature" || exit 1; \
	done
endef

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help init build watch diff deploy destroy demo test lint test-rust test-features test-terraform test-alarms test-lake test-end-to-end test-instructions bench faults fuzz clean

help: ## list these targets
	@echo 'make TARGET [profile=NAME] [arch=x86_64|arm64] [source=dynamodb|kinesis]'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-17s  %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

init: $(tools) ## install the tools into .tools/ and the provider into terraform/
	$(terraform) init -input=false

$(tools): $(runs)/requirements.txt
	@$(PYTHON) $(runs)/tools.py

$(checkov): $(runs)/requirements-checkov.txt | $(tools)
	@$(PYTHON) $(runs)/tools.py checkov
# A second environment: Spark and its dependencies are large, and only the lake's tests need them. Installing the first empties .tools/.
$(lake): tests/lake/requirements.txt | $(tools)
	@echo 'installing the lake'"'"'s engines into .tools/lake/ (once)'
	@$(PYTHON) -m venv --clear .tools/lake
	@.tools/lake/bin/python -m pip install --quiet --no-input --disable-pip-version-check --requirement $<
	@touch $@

build: $(tools) ## build the function and zip it: target/lambda/changefan.zip
	@$(PYTHON) $(runs)/build.py --arch $(arch)

watch: ## rebuild and replay a sample whenever a source file changes [sample=FILE]
	@$(PYTHON) $(runs)/watch.py cargo run --quiet --bin changefan -- replay $(sample)

diff: build init ## show what a deployment would change (terraform plan)
	$(terraform) plan $(settings)

deploy: build init ## build and deploy to AWS; asks first [yes=1 does not ask]
	$(terraform) apply $(settings) $(if $(yes),-auto-approve)

destroy: init ## remove the deployment, but not its data; asks first [yes=1 does not ask; data=delete also removes data]
	@$(PYTHON) scripts/destroy.py $(if $(yes),--yes) $(if $(filter delete,$(data)),--delete-data) -- $(settings)

demo: $(tools) ## run the whole path on this machine, with an AWS emulator [source=kinesis]
	@.tools/bin/python $(runs)/demo.py --source $(source)

test: lint test-terraform test-alarms test-features test-rust test-lake test-end-to-end test-instructions ## formatting, lints, Terraform, every test, the end-to-end runs, and instructions
	@echo 'make test: all passed'

lint: ## formatting, and clippy with warnings as errors
	cargo fmt --all --check
	cargo fmt --check --manifest-path fuzz/Cargo.toml
	cargo clippy --workspace --all-targets --locked -- -D warnings
	cargo fmt --check --manifest-path benches/Cargo.toml --package micro --package counted --package floor --package tool
	cargo clippy --manifest-path benches/Cargo.toml --package micro --package counted --package floor --package tool --benches --locked \
		--target-dir target/benches -- -D warnings

test-rust: ## unit, integration and documentation tests, the fuzzers' corpus, and the example of a custom sink
	cargo test --workspace --locked
	cargo test --manifest-path fuzz/Cargo.toml --target-dir target/fuzz --locked
	cargo test --manifest-path examples/custom-sink/Cargo.toml --target-dir target --locked

test-features: ## compile with each feature alone, and with none
	$(call check-features,Cargo.toml,--lib --bins)
	$(call check-features,sinks/Cargo.toml,--lib --package changefan-sinks)
	cargo check --manifest-path examples/custom-sink/Cargo.toml --target-dir target --locked --features cli --bins

test-terraform: $(checkov) ## terraform fmt, validate and test, the examples, checkov, and the module's documents
	terraform fmt -check -recursive terraform
	@$(test-provider); for folder in $(examples) terraform; do \
		echo "terraform validate: $$folder"; \
		test $$folder = terraform || cp terraform/.terraform.lock.hcl $$folder/; \
		terraform -chdir=$$folder init -backend=false -input=false >/dev/null && terraform -chdir=$$folder validate || exit 1; \
	done
	@$(test-provider); $(terraform) test
	.tools/checkov/bin/checkov --directory terraform --skip-path tests --framework terraform \
		--skip-download --compact --quiet
	@.tools/bin/python $(runs)/readme_sinks.py --check
	@.tools/bin/python $(runs)/terraform_readme.py --check
	@.tools/bin/python $(runs)/terraform_changing.py --check
	@.tools/bin/python $(runs)/terraform_examples.py
	@.tools/bin/python $(runs)/terraform_destroy.py
	@.tools/bin/python $(runs)/terraform_permissions.py

test-alarms: $(tools) ## every alarm over series that must and must not fire it, and the dashboard
	@.tools/bin/python -m unittest discover --start-directory tests/alarms

test-end-to-end: $(tools) ## the demo in an asserting form, for each source
	@.tools/bin/python $(runs)/demo.py --check --source dynamodb
	@.tools/bin/python $(runs)/demo.py --check --source kinesis

test-lake: $(lake) ## the lake's statements on DuckDB, Spark and Iceberg, its state machine, and docs/lake.md
	@cargo build --quiet --locked --bin changefan
	@.tools/lake/bin/python scripts/spark_sql.py --check
	@.tools/lake/bin/python -m pytest -q -p no:cacheprovider tests/lake

test-instructions: ## count instructions: fail at 10 % more than recorded [record=1 records them]
	@$(PYTHON) benches/instructions.py $(if $(record),--record)

bench: ## measure against the goals, floors and peers; needs Node 20, valgrind [publish=1 writes README and docs; rounds=21; only='floor s3']
	@$(PYTHON) benches/bench.py $(if $(publish),--publish) $(if $(rounds),--rounds $(rounds)) $(if $(only),--only $(only))

faults: ## the fault campaign: over a million records under named fault schedules [records=1350000]
	CAMPAIGN_RECORDS=$(records) cargo test --release --locked --config profile.release.lto=false \
		--config profile.release.codegen-units=16 --test tests faults::campaign -- --nocapture

fuzz: ## run every fuzzer [seconds=60]; cargo-fuzz goes into .tools/
	@test -x .tools/bin/cargo-fuzz || cargo install cargo-fuzz --version 0.13.2 --locked --root .tools
	@# The sanitizers' flags are for nightly compilers; this lets the stable one accept them.
	@for target in $(fuzzers); do \
		mkdir -p fuzz/corpus/$$target && cp events/samples/*.json fuzz/regressions/* fuzz/corpus/$$target/; \
		RUSTC_BOOTSTRAP=1 PATH="$(CURDIR)/.tools/bin:$$PATH" cargo fuzz run -O --target-dir target/fuzz $$target -- \
			-max_total_time=$(seconds) -max_len=16384 -print_final_stats=1 || exit 1; \
	done

clean: ## remove what was built and installed
	rm -rf target .tools terraform/.terraform terraform/examples/*/.terraform
