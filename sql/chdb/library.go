package chdb

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library is libchdb.so as Go functions. Text goes in as pointer and length, since queries carry Native blocks with NUL bytes.
type library struct {
	path string

	connect       func(argc int32, argv **byte) **byte
	closeConn     func(conn **byte)
	query         statementCall
	stream        statementCall
	fetch         func(conn *byte, stream *byte) *byte
	cancelStream  func(conn *byte, stream *byte)
	destroyResult func(result *byte)
	resultBuffer  func(result *byte) *byte
	resultLength  func(result *byte) uintptr
	resultError   func(result *byte) string
	insert        statementCall
	insertAppend  func(insert *byte, data *byte, n uintptr) int32
	insertDone    func(insert *byte) *byte
	insertCancel  func(insert *byte)
	insertError   func(insert *byte) string
	insertDestroy func(insert *byte)
	classify      func(conn *byte, sql *byte, n uintptr, database *byte, dn uintptr, out *analysis) int32
	version       func() string
	setSignals    func(enabled int32)
}

// loaded holds the one library of the process: a dlopen'ed libchdb cannot be unloaded, nor can a second one be used beside it.
var loaded struct {
	sync.Mutex
	lib *library
}

// load opens libchdb once per process and keeps its hands off the signals of the Go runtime.
func load(path string) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if loaded.lib != nil {
		if loaded.lib.path != path {
			return nil, fmt.Errorf("load %s: this process already uses %s; start a new process to change the library", path, loaded.lib.path)
		}
		return loaded.lib, nil
	}
	handle, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, fmt.Errorf("load %s: %w; reinstall it with `make engine`", path, err)
	}
	lib := &library{path: path}
	for name, fn := range map[string]any{
		"chdb_connect":                     &lib.connect,
		"chdb_close_conn":                  &lib.closeConn,
		"chdb_stream_fetch_result":         &lib.fetch,
		"chdb_stream_cancel_query":         &lib.cancelStream,
		"chdb_destroy_query_result":        &lib.destroyResult,
		"chdb_result_buffer":               &lib.resultBuffer,
		"chdb_result_length":               &lib.resultLength,
		"chdb_result_error":                &lib.resultError,
		"chdb_query_with_params_n":         &lib.query,
		"chdb_stream_query_with_params_n":  &lib.stream,
		"chdb_stream_insert_with_params_n": &lib.insert,
		"chdb_stream_append":               &lib.insertAppend,
		"chdb_stream_done":                 &lib.insertDone,
		"chdb_stream_cancel_insert":        &lib.insertCancel,
		"chdb_stream_insert_error":         &lib.insertError,
		"chdb_destroy_insert_stream":       &lib.insertDestroy,
		"chdb_classify_query_n":            &lib.classify,
		"chdb_version":                     &lib.version,
		"chdb_set_signal_handlers_enabled": &lib.setSignals,
	} {
		if err := bind(handle, name, fn); err != nil {
			return nil, fmt.Errorf("load %s: %w", path, err)
		}
	}
	// libchdb would answer SIGSEGV itself, so that a Go nil dereference kills the process instead of panicking.
	lib.setSignals(0)
	loaded.lib = lib
	return lib, nil
}

func bind(handle uintptr, name string, fn any) error {
	symbol, err := purego.Dlsym(handle, name)
	if err != nil {
		return fmt.Errorf("it has no %s, so it is older than 26.7; install the pinned one with `make engine`", name)
	}
	purego.RegisterFunc(fn, symbol)
	return nil
}

// text is the pointer and the length of a Go string for a call that does not keep it.
func text(s string) (*byte, uintptr) {
	return unsafe.StringData(s), uintptr(len(s))
}

// arguments builds a C argv; keep it alive until the call returns.
func arguments(args []string) []*byte {
	argv := make([]*byte, len(args)+1)
	for i, arg := range args {
		argv[i] = &append([]byte(arg), 0)[0]
	}
	return argv
}

// bindings are the named parameters of one call in the form that C reads.
type bindings struct {
	names, values         []*byte
	nameLens, valueLens   []uintptr
	keepNames, keepValues []string
}

func newBindings(params map[string]string) *bindings {
	b := &bindings{}
	for name, value := range params {
		value += "\x00" // so that an empty value has an address too
		b.keepNames, b.keepValues = append(b.keepNames, name), append(b.keepValues, value)
		b.names, b.nameLens = append(b.names, unsafe.StringData(name)), append(b.nameLens, uintptr(len(name)))
		b.values, b.valueLens = append(b.values, unsafe.StringData(value)), append(b.valueLens, uintptr(len(value)-1))
	}
	return b
}

// statementCall starts a statement with named parameters; text is pointer and length, since it may hold NUL bytes.
type statementCall func(conn *byte, sql *byte, n uintptr, format *byte, fn uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) *byte

func (b *bindings) call(fn statementCall, conn *byte, sql, format string) *byte {
	sqlPtr, sqlLen := text(sql)
	formatPtr, formatLen := text(format)
	result := fn(conn, sqlPtr, sqlLen, formatPtr, formatLen, unsafe.SliceData(b.names), unsafe.SliceData(b.nameLens),
		unsafe.SliceData(b.values), unsafe.SliceData(b.valueLens), uintptr(len(b.names)))
	runtime.KeepAlive(b)
	runtime.KeepAlive(sql)
	runtime.KeepAlive(format)
	return result
}
