# Targets do all of their own set-up on Linux x86-64 with Go, gcc, make and npm.
# npm only installs libchdb and echarts, by name and pinned version, checked
# against the integrity hashes of the lock files.

SHELL   := /bin/sh
PREFIX  ?= /usr/local
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

ENGINE  := sql/chdb/node_modules/@chdb/lib-linux-x64-gnu/libchdb.so
ECHARTS := reports/assets/echarts.min.js
CLIENT  := sql/serve/testdata/node/node_modules/@clickhouse/client/package.json

.PHONY: help demo test test-race bench lint install engine assets browser client old-server build clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: engine build ## run everything on a simulated company, open public/index.html
	@bin/srekpi demo

test: engine assets browser client old-server lint ## every test, on the real engine and a real browser
	go test -timeout 60m ./...
	$(MAKE) --no-print-directory test-race

# The race detector cannot see into the engine, so it runs where there is none.
test-race:
	go test -race -timeout 20m ./configs/ ./ingest/simulate/... ./ingest/rest/
	go test -race -timeout 20m -run 'Interval|Period|Signal|Compar|Due|Verdict|Survival' ./metrics/
	go test -race -timeout 20m -run 'Header|Order' ./sql/model/

SCALE ?= 1

bench: engine build ## print the performance figures; SCALE=0.1 for a tenth of the data
	go test -run '^$$' -bench . -benchtime 3x -timeout 60m ./sql/... ./ingest/... ./reports/... ./cmd/...
	go run ./sql/bench -scale $(SCALE)

lint: assets ## vet and formatting
	go vet ./...
	@test -z "$$(gofmt -l cmd configs ingest metrics reports sql)" || { gofmt -l cmd configs ingest metrics reports sql; echo 'run gofmt -w on these'; exit 1; }

build: assets ## build bin/srekpi
	go build -trimpath -ldflags '-X main.version=$(VERSION)' -o bin/srekpi ./cmd/srekpi

UNITS := $(DESTDIR)$(PREFIX)/lib/systemd/system
USERS := $(DESTDIR)$(PREFIX)/share/systemd/user

# Whoever installs for all may have no Go: then what was built before is placed.
install: engine ## place binary, engine and timers below PREFIX
	@if command -v go >/dev/null; then $(MAKE) --no-print-directory build; elif ! test -x bin/srekpi; then echo 'there is no Go here and no bin/srekpi: run make build as a user who has Go, then install again'; exit 1; fi
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/srekpi $(UNITS) $(USERS)
	install -m 755 bin/srekpi $(DESTDIR)$(PREFIX)/bin/srekpi
	install -m 755 $(ENGINE) $(DESTDIR)$(PREFIX)/lib/srekpi/libchdb.so
	for unit in configs/deploy/*.service; do sed 's|/usr/local|$(PREFIX)|' $$unit > $(UNITS)/$${unit##*/}; done
	for unit in configs/deploy/user/*.service; do sed 's|/usr/local|$(PREFIX)|' $$unit > $(USERS)/$${unit##*/}; done
	install -m 644 configs/deploy/srekpi.timer $(UNITS)/srekpi.timer
	install -m 644 configs/deploy/srekpi.timer $(USERS)/srekpi.timer

engine: $(ENGINE) ## install libchdb, the embedded ClickHouse

$(ENGINE): sql/chdb/package.json sql/chdb/package-lock.json
	@case "$$(uname -sm)" in 'Linux x86_64') ;; *) echo 'libchdb is pinned for Linux x86-64 only: install it as chDB documents and set CHDB_LIB_PATH'; exit 1;; esac
	cd sql/chdb && npm ci --ignore-scripts
	@touch $@

assets: $(ECHARTS) ## install the chart library that every report carries

$(ECHARTS): reports/assets/package.json reports/assets/package-lock.json
	cd reports/assets && npm ci --ignore-scripts
	cp reports/assets/node_modules/echarts/dist/echarts.min.js $@

client: $(CLIENT) ## install the ClickHouse client for Node.js, with which the tests ask srekpi serve

$(CLIENT): sql/serve/testdata/node/package.json sql/serve/testdata/node/package-lock.json
	cd sql/serve/testdata/node && npm ci --ignore-scripts
	@touch $@

browser: ## make sure that there is a Chromium for the tests
	@sh .ci/browser

old-server: ## make sure that there is a ClickHouse for the tests to refuse
	@sh .ci/clickhouse-old >/dev/null

clean: ## remove what was built, not what was collected
	rm -rf bin demo public $(ECHARTS) sql/chdb/node_modules reports/assets/node_modules sql/serve/testdata/node/node_modules
