# Everything that a fresh Debian machine with Go and git needs is installed by the targets that need it.
SHELL := /bin/bash
.DEFAULT_GOAL := check
# No directory of this machine in what is built: the same source gives the same bytes anywhere.
export GOFLAGS := $(GOFLAGS) -trimpath

.PHONY: check demo build install dist setup vet test test-short test-race test-proof test-faults test-widths test-oracles differential bench bench-peers bench-start bench-runtime size generate fuzz vet-ports guest-kernels test-rust test-c test-headers test-hostile test-editor test-interop test-nspawn test-abis test-arrival test-record playground test-playground site test-site

# What the tests run besides Go: Debian packages, with the command before where it has another name.
TOOLS := bwrap:bubblewrap gcc make python3 z3 libseccomp-dev

## check: all tests, as CI runs them
check: setup vet test

## demo: compile a real policy, look at it, and have this kernel refuse a call
demo: setup build
	./.ci/demo

# The version is given to the linker: the go command knows none where it has no repository.
OUTPUT ?= seccompc
build:
	@CGO_ENABLED=0 go build -buildvcs=false -ldflags "-s -w -X main.release=$$(packaging/version)" -o $(OUTPUT) ./cmd/seccompc

## install: the command, its manual pages, completions and documents, below DESTDIR and PREFIX (/usr/local)
install: build
	@DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" packaging/install seccompc seccompc

## dist: the files of a release, in dist/
dist:
	@packaging/dist

## playground: the compiler for a browser, in playground/site: one folder for any static host, or for file://
playground:
	./.ci/install node:nodejs npm
	cd playground && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error && node build.mjs

## test-playground: the playground in Debian's Chromium; screenshots in playground/log
test-playground: playground
	./.ci/install chromium fonts-dejavu-core
	cd playground && node test.mjs

## site: the documents as pages, with the playground, in site/public: one folder for any static host, or for file://
site: playground
	cd site && go run . -playground ../playground/site public

## test-site: the site in Debian's Chromium; screenshots in playground/log
test-site: site
	./.ci/install chromium fonts-dejavu-core
	cd playground && node pages.mjs

## test-arrival: packages, archives, the go command, a container, pre-commit: each gives a seccompc that works
test-arrival: setup
	./.ci/install git man:man-db rpm buildah pre-commit bash-completion zsh fish
	packaging/test

setup:
	./.ci/install $(TOOLS)

vet:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	go tool -modfile=tools.mod staticcheck ./...
	GOOS=darwin go vet ./runtime/... ./cmd/...
	GOARCH=arm64 go vet ./...
	GOOS=js GOARCH=wasm go vet ./compiler ./explain ./playground

## vet-ports: go vet for each of Go's ports to Linux
vet-ports:
	for port in $$(go tool dist list | sed -n 's|^linux/||p'); do \
		echo "$$port"; GOARCH=$$port go vet ./... || exit 1; done

test:
	go test -count=1 ./...
	cd site && go vet ./... && go test -count=1 ./...
	GOARCH=386 go test -count=1 ./runtime/...

## test-short: what to run while working, about half a minute: no test that takes seconds or builds a program,
## a tenth of the random cases; vet is a target of its own
test-short:
	go test -short -vet=off -p 4 -ldflags "-s -w" ./...

## test-race: the packages with goroutines or caches, under the race detector
test-race:
	go test -race -short -count=1 ./compiler ./compiler/lint ./diag ./dsl ./linux ./record ./runtime/notify

## test-proof: 20,000 mutants of the golden filters, each told from its policy
test-proof:
	go test -count=1 -v -timeout 60m ./proof -run Mutation -mutants=20000

## test-oracles: what the prover says and what the tables hold, against judges from outside
test-oracles: setup test-headers test-hostile
	go test -count=1 -v -timeout 60m ./smt -run 'Oracle|Readings' -oracle=400

## test-widths: harmless calls on this kernel with garbage where the tables say that it is not read
test-widths:
	go test -count=1 -v ./internal/confirm -run 'Widths|IPC'

## test-faults: Start and Install under each fault at each of their system calls
test-faults:
	go test -count=1 -v -timeout 60m ./runtime -run 'OuterFilters|AtEachCall' -faults

## differential: 20,000 random policies against the evaluator
differential:
	go test -count=1 -v -timeout 60m ./compiler/codegen -run 'GenerateEqualsEval|FilledEqualsEval' -policies=20000

## test-headers: every constant and number of every ABI against the kernel's headers, compiled by clang; the C library's by gcc
test-headers:
	./.ci/install clang apt dpkg gcc libc6-dev gcc-m68k-linux-gnu gcc-sh4-linux-gnu
	go test -count=1 -v -timeout 60m ./linux/gen -run Headers -headers "$${XDG_CACHE_HOME:-$$HOME/.cache}/seccompc-headers"

# Kernels of other machines, and the guests of a run: ABIS=arm,s390x,mipsel-on-mips64el,ppc64le is the small one. Of
# all, less than six guests are a failure; of those asked for by name, any that cannot be booted.
GUESTS := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/seccompc-guests
ABIS ?= all

## guest-kernels: kernels of machines that Debian has none for, built from its source for test-abis, ten minutes each, and compilers
guest-kernels:
	./.ci/install flex bison bc make gcc libc6-dev xz:xz-utils gcc-powerpc64-linux-gnu gcc-mips64-linux-gnuabi64 \
		gcc-powerpc-linux-gnu libc6-dev-powerpc-cross gcc-m68k-linux-gnu libc6-dev-m68k-cross \
		gcc-mips64el-linux-gnuabi64 gcc-12-multilib-mips64-linux-gnuabi64 libc6-dev-mipsn32-mips64-cross \
		gcc-12-multilib-mips64el-linux-gnuabi64 libc6-dev-mipsn32-mips64el-cross
	./.ci/build-kernel "$(GUESTS)" ppc64 mips64 m68k

## test-abis: kernels of other ABIs in qemu: each decides as Eval does, shuts the known doors, and passes the tests
test-abis:
	./.ci/install qemu-system-arm qemu-system-mips:qemu-system-mips qemu-system-ppc qemu-system-s390x:qemu-system-misc qemu-system-riscv64:qemu-system-misc qemu-system-i386:qemu-system-x86 cpio
	./.ci/kernels "$(GUESTS)" "$(ABIS)"
	go test -count=1 -v -timeout 180m ./internal/guests -guests $(ABIS) -cache "$(GUESTS)"

## test-interop: what other programs make of their filters: libseccomp of 1,200 random profiles, systemd's library of units, and runc, crun, podman, lxc, bwrap and firejail as the kernel has them
test-interop: setup
	./.ci/install runc crun podman firejail lxc-start:lxc libc6-dev systemd:libsystemd-shared
	set -o pipefail; { \
		go test -count=1 -v -timeout 30m ./interop/oci -profiles=1200 -live && \
		go test -count=1 -v ./interop/lxc -live && \
		go test -count=1 -v -timeout 30m ./interop/systemd -run Units -units=300; \
	} | ./.ci/tried

# A Debian of 400 MB, which debootstrap puts there.
TRIXIE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/seccompc-trixie

## test-nspawn: units under a systemd that runs as the first process of a container, as the kernel has their filters; as root
test-nspawn:
	./.ci/install debootstrap systemd-nspawn:systemd-container
	./.ci/trixie "$(TRIXIE)"
	go test -count=1 -v -timeout 30m ./interop/systemd -run BootedUnits -nspawn "$(TRIXIE)/root"

## test-hostile: CPU time and memory of each kind of input that is made to cost much
test-hostile:
	go test -count=1 -v -timeout 30m ./internal/hostile -run Cost -measure

## test-editor: the language server under a scripted client and under Neovim, the grammars, and the
## extension of VS Code, which is packed without a network once its modules are there
test-editor:
	./.ci/install nvim:neovim npm
	go test -count=1 ./internal/grammars
	go test -count=1 -v ./internal/lsp -nvim
	cd editors/vscode && npm ci --ignore-scripts --no-audit --no-fund && npm run package

bench:
	go test -run '^$$' -bench . ./compiler/... ./proof ./asm

## bench-peers: the same policies through other compilers; writes docs/bench.md and docs/bench.svg
bench-peers:
	./.ci/install gcc libc6-dev libseccomp-dev python3 strace /usr/bin/time:time
	cd bench && go run .

## bench-start: a program under filters of three lengths, started by us, by C and by bubblewrap, and the calls that a supervisor answers; writes docs/bench-start.md
bench-start:
	./.ci/install gcc libc6-dev bwrap:bubblewrap
	cd bench && go run ./start

## size: what the runtime adds to a static binary
size:
	go test -count=1 -v -run 'Size|Dependencies' ./examples

bench-runtime:
	go test -run '^$$' -bench . ./runtime

## generate: the kernel facts, from Debian's packages and the module cache
generate:
	go generate ./linux

fuzz:
	for f in record:FuzzReadLog dsl:FuzzParse dsl:FuzzFormat asm:FuzzParse asm:FuzzCheckRun asm:FuzzDecode compiler/resolve:FuzzResolve compiler:FuzzCompile interop/oci:FuzzImport interop/systemd:FuzzImport interop/minijail:FuzzImport interop/seccompiler:FuzzImport interop/kafel:FuzzImport interop/lxc:FuzzImport; do \
		go test ./$${f%%:*} -run '^$$' -fuzz "^$${f##*:}$$" -fuzztime 20s || exit 1; done

## test-rust: the Rust crate and its example on this kernel, rustfmt and clippy over what is generated
test-rust:
	./.ci/install cargo rustfmt cargo-clippy:rust-clippy
	cd rust && cargo test --offline --tests
	cd rust && for mode in block proxy; do timeout 60 cargo run -q --offline --example modes -- $$mode || exit 1; done
	cd rust && rustfmt --check --edition 2021 src/lib.rs tests/kernel.rs examples/modes.rs
	cd rust && cargo clippy -q --offline --lib --examples -- -W clippy::pedantic -W clippy::nursery -D warnings
	go test -count=1 -v ./cmd/seccompc -run 'RustSource|RustStandsAlone|Fillers' -rust

## test-record: programs and containers, recorded and run under their policies
test-record: setup
	./.ci/install $$(sed -n 's/^# packages: //p' internal/programs/testdata/*.sh) runc crun
	go test -count=1 -v -timeout 60m ./internal/programs -all

## test-c: the C loader and its example on this kernel
test-c:
	./.ci/install gcc libc6-dev
	gcc -std=gnu11 -Wall -Wextra -Wpedantic -Werror -pthread -Ic c/loader_test.c -o c/loader_test
	timeout 60 c/loader_test
	gcc -std=gnu11 -Wall -Wextra -Wpedantic -Werror -pthread c/modes.c -o c/modes
	for mode in block proxy; do timeout 60 c/modes $$mode || exit 1; done
