package chdb

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unsafe"
)

// session is one connection into the engine. It runs one statement at a time and has its own settings
// and current database, which are brought to what a statement asks for before it runs.
type session struct {
	engine   *Engine
	handle   **byte
	mark     string // the connection's log_comment, by which its statement is found and killed
	database string
	settings map[string]string
	// retired says to close the connection instead of reusing it. After a statement that failed or was stopped,
	// libchdb puts what that one had written before the next result of the connection.
	retired bool
}

// connect opens a connection; one of a read-only engine has these settings for good.
func (e *Engine) connect(settings map[string]string) (*session, error) {
	s, err := e.open()
	if err != nil || e.limits == nil {
		return s, err
	}
	if err := s.restrict(*e.limits, settings); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// uncompiled keeps the engine from compiling expressions to machine code, as it does with each that it meets a third
// time. A process of ours ends before that pays: a small build spends a tenth of its processor time on it.
var uncompiled = []string{"--compile_expressions=0", "--compile_aggregate_expressions=0", "--compile_sort_description=0"}

func (e *Engine) open() (*session, error) {
	e.mu.Lock()
	e.opened++
	mark := fmt.Sprintf("srekpi-connection-%d", e.opened)
	e.mu.Unlock()
	// On a terminal the engine would write its own log between our lines; errors come back from each call.
	args := append([]string{"clickhouse", "--log-level=none", "--path=" + e.dir, "--log_comment=" + mark}, uncompiled...)
	if e.limits != nil && e.limits.MaxMemoryTotal > 0 {
		args = append(args, fmt.Sprintf("--max_server_memory_usage=%d", e.limits.MaxMemoryTotal))
	}
	argv := arguments(args)
	handle := e.lib.connect(int32(len(argv)-1), &argv[0])
	if handle == nil || *handle == nil {
		return nil, fmt.Errorf("open engine in %s: libchdb refused; another process may have the folder open, or it is not writable or full", e.dir)
	}
	return &session{engine: e, handle: handle, mark: mark, database: "default", settings: map[string]string{}}, nil
}

// restrict makes the connection read-only until it is closed. The limits go first: nothing can be set afterwards.
func (s *session) restrict(limits Limits, settings map[string]string) error {
	set := limits.settings()
	maps.Copy(set, guards)
	maps.Copy(set, settings)
	// One SET each: readonly beside another setting would already refuse that one.
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if _, err := s.read("SET "+change(name, set[name]), "Null", nil); err != nil {
			return err
		}
	}
	if _, err := s.read("SET readonly = 1", "Null", nil); err != nil {
		return fmt.Errorf("make the connection read-only: %w", err)
	}
	s.settings = maps.Clone(settings)
	return nil
}

func (s *session) close() {
	s.engine.lib.closeConn(s.handle)
}

var settingName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.]*$`)

// adopt brings the connection to the statement's database and settings, and takes back those of the last one.
func (s *session) adopt(database string, settings map[string]string) error {
	if database == "" {
		database = s.engine.Database
	}
	if database != s.database {
		if _, err := s.read("USE "+identifier(database), "Null", nil); err != nil {
			return err
		}
		s.database = database
	}
	if s.engine.limits != nil {
		return nil // it was opened with them
	}
	if _, set := settings["readonly"]; set {
		s.retired = true // it cannot be taken back
	}
	if maps.Equal(settings, s.settings) {
		return nil
	}
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if !settingName.MatchString(name) {
			return exceptionf(codeUnknownSetting, "Unknown setting %q. (UNKNOWN_SETTING)", name)
		}
		if old, set := s.settings[name]; !set || old != settings[name] {
			changes = append(changes, change(name, settings[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.settings)) {
		if _, kept := settings[name]; !kept {
			changes = append(changes, name+" = DEFAULT")
		}
	}
	// SET changes all or nothing, so after a refusal the connection is as before.
	if _, err := s.read("SET "+strings.Join(changes, ", "), "Null", nil); err != nil {
		return err
	}
	s.settings = maps.Clone(settings)
	return nil
}

// read runs a small statement to its end.
func (s *session) read(sql, format string, params map[string]string) ([]byte, error) {
	lib := s.engine.lib
	result := newBindings(params).call(lib.query, *s.handle, sql, format)
	if result == nil {
		return nil, fmt.Errorf("engine: no result for %.60q", sql)
	}
	defer lib.destroyResult(result)
	if text := lib.resultError(result); text != "" {
		return nil, exception(text)
	}
	return append([]byte(nil), lib.bytes(result)...), nil
}

// bytes are the result's own memory: valid until it is destroyed.
func (l *library) bytes(result *byte) []byte {
	n := l.resultLength(result)
	if n == 0 {
		return nil
	}
	return unsafe.Slice(l.resultBuffer(result), n)
}

var (
	quoter     = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	identQuote = strings.NewReplacer(`\`, `\\`, "`", "\\`")
)

func quote(text string) string      { return "'" + quoter.Replace(text) + "'" }
func identifier(name string) string { return "`" + identQuote.Replace(name) + "`" }
