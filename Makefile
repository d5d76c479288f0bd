# `make` does what CI does. The other targets are for the work in between.
.PHONY: ci build stubs test miri lint docs bench clean
.DEFAULT_GOAL := ci

ci:
	.ci/run

# An older library beside the new one would win the import silently: away with it first.
build:
	rm -f python/phonograd/_core*.so python/phonograd/_core*.pyd
	maturin develop --profile dev-release --extras test,examples,docs

stubs: build
	maturin generate-stubs --profile dev-release --out target/stubs
	python tools/stubs.py target/stubs/phonograd/_core.pyi
	python tools/errors.py
	python tools/ops_page.py

test: build
	cargo test --profile dev-release
	python -m pytest -q

# Undefined behaviour in buffer, kernels and exec; takes many minutes, so CI leaves it out. Products large enough for faer's
# own kernels are left out as well. The pool's threads, which end with the process, are no leaks.
miri:
	MIRIFLAGS="-Zmiri-disable-isolation -Zmiri-deterministic-floats -Zmiri-ignore-leaks" cargo +nightly miri test --test steps
	MIRIFLAGS="-Zmiri-disable-isolation" cargo +nightly miri test --lib buffer

lint:
	cargo fmt
	cargo clippy --all-targets --features python -- -D warnings
	ruff check --fix
	ruff format
	mypy

docs:
	sphinx-build -W -b html docs docs/_build/html
	sphinx-build -W -b doctest docs docs/_build/doctest

bench:
	maturin develop --release --extras bench
	for script in record_op seed_step chain first_step startup wheel_size; do python benches/$$script.py || exit 1; done
	python benches/compare.py --write docs/performance.md

clean:
	cargo clean
	rm -rf docs/_build dist python/phonograd/_core*.so
