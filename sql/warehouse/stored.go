package warehouse

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/srekpi/srekpi/sql/chdb"
)

// foreign is what an archive holds that a backup of ours cannot.
func foreign(f ManifestFile, format string, args ...any) error {
	return fmt.Errorf("its file %q %s; the archive was not made by srekpi backup: restore one that was", f.Path, fmt.Sprintf(format, args...))
}

// Where the engine keeps what. A file elsewhere would be a user, a collection of credentials, a configuration.
var (
	ofDatabase = regexp.MustCompile(`^metadata/` + Database + `\.sql$`)
	ofFunction = regexp.MustCompile(`^user_defined/function_\w+\.sql$`)
	ofTable    = regexp.MustCompile(`^(store/[^/]+/[^/]+|metadata_dropped)/[^/]+\.sql$`)
	ofMutation = regexp.MustCompile(`^store/[^/]+/[^/]+/mutation_\d+\.txt$`)
	ofParts    = regexp.MustCompile(`^store/[^/]+/[^/]+/.`)
	ofLink     = regexp.MustCompile(`^(metadata/` + Database + `|data/` + Database + `/[^/]+)$`)
	linked     = regexp.MustCompile(`^(\.\./)+store/[^/.]+/[^/.]+/?$`)
)

// checkStored looks at all that an engine would read as a definition, before one opens the folder: what is defined
// there runs with the rights of whoever asks. It is read by an engine on an empty folder.
func checkStored(ctx context.Context, o Options, files []ManifestFile, dir, scratch string) (err error) {
	library, err := chdb.Find(o.Library)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(scratch); err != nil {
		return err
	}
	engine, err := chdb.Open(library, scratch)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close(), os.RemoveAll(scratch)) }()
	for _, f := range files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := f.checkStored(ctx, engine, dir); err != nil {
			return err
		}
	}
	return nil
}

func (f ManifestFile) checkStored(ctx context.Context, engine *chdb.Engine, dir string) error {
	if f.Link != "" {
		if !ofLink.MatchString(f.Path) || strings.Contains(f.Path, ".sql") || !linked.MatchString(f.Link) {
			return foreign(f, "is a link that an engine does not make")
		}
		return nil
	}
	var shape func(string) string
	switch {
	case ofDatabase.MatchString(f.Path):
		shape = databaseShape
	case ofFunction.MatchString(f.Path):
		shape = functionShape
	case ofTable.MatchString(f.Path):
		shape = tableShape
	case ofMutation.MatchString(f.Path):
		shape = mutationShape
	case ofParts.MatchString(f.Path) && !strings.Contains(f.Path, ".sql"):
		return nil
	default:
		return foreign(f, "lies where an engine keeps nothing of a warehouse")
	}
	if f.Size > maxDefinition {
		return foreign(f, "is a definition of %d bytes", f.Size)
	}
	content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	text := string(content)
	if ofMutation.MatchString(f.Path) {
		if text, err = mutation(text); err != nil {
			return foreign(f, "is no change of rows: %v", err)
		}
	}
	printed, err := engine.Definition(ctx, text)
	var no *chdb.RefusedError
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.As(err, &no):
		reason, _, _ := strings.Cut(no.Reason, ";") // what follows is advice for a query
		return foreign(f, "cannot be taken: %s", reason)
	case err != nil:
		return foreign(f, "cannot be read as a definition: %.300s", err)
	}
	if no := shape(printed); no != "" {
		return foreign(f, "%s", no)
	}
	return nil
}

// maxDefinition is what the engine's parser takes.
const maxDefinition = 256 << 10

var (
	database = regexp.MustCompile(`^ATTACH DATABASE _ UUID ''\s+ENGINE = Atomic\s*$`)
	function = regexp.MustCompile(`^CREATE FUNCTION \S+ AS `)
	table    = regexp.MustCompile(`^ATTACH TABLE _ UUID ''\s+\(`)
	view     = regexp.MustCompile(`^ATTACH VIEW _ UUID ''\s`)
	changes  = regexp.MustCompile(`^ALTER TABLE changed\s+\(?(UPDATE|DELETE WHERE|MATERIALIZE|DROP COLUMN|DROP INDEX|MODIFY COLUMN|RENAME COLUMN)\b`)

	engines     = regexp.MustCompile(`(?i)\bENGINE = `)
	ownEngine   = regexp.MustCompile(`(?m)^ENGINE = (Replacing|Summing|Aggregating)?MergeTree(\(|$)`)
	settings    = regexp.MustCompile(`(?i)\bSETTINGS\s*\(|\bSETTINGS\s+\w+\s*=`)
	ownSettings = regexp.MustCompile(`(?m)^SETTINGS ((allow_nullable_key|index_granularity|max_bytes_to_merge_at_max_space_in_pool|non_replicated_deduplication_window) = \d+(, |$))+$`)
)

func databaseShape(printed string) string {
	if !database.MatchString(printed) {
		return "defines no Atomic database"
	}
	return ""
}

func functionShape(printed string) string {
	if !function.MatchString(printed) || settings.MatchString(printed) {
		return "defines no function of SQL"
	}
	return ""
}

func tableShape(printed string) string {
	found := len(settings.FindAllString(printed, -1))
	switch {
	case view.MatchString(printed) && !engines.MatchString(printed) && found == 0:
		return ""
	case !table.MatchString(printed) || len(engines.FindAllString(printed, -1)) != 1 || !ownEngine.MatchString(printed):
		return "defines neither a view nor a MergeTree table"
	case found > 1 || found == 1 && !ownSettings.MatchString(printed):
		return "has settings that no table of srekpi has"
	}
	return ""
}

func mutationShape(printed string) string {
	if !changes.MatchString(printed) {
		return "is no change of rows"
	}
	return ""
}

// noted is what a table's folder says of a change that is being made, or was.
var noted = regexp.MustCompile(`\Aformat version: 1\ncreate time: [-0-9: ]+\ncommands: ([^\n]*)\n(?:tid: [^\n]*\n(?:csn: \d+\n)?)?\z`)

// mutation is the statement that makes the change. What else could be escaped than is here is not written.
func mutation(text string) (string, error) {
	parts := noted.FindStringSubmatch(text)
	if parts == nil {
		return "", errors.New("it has another form")
	}
	commands := strings.NewReplacer(`\\`, `\`, `\'`, `'`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\b`, "\b", `\f`, "\f", `\0`, "\x00")
	if unknown := regexp.MustCompile(`\\(?:[^\\'ntrbf0]|$)`).FindString(regexp.MustCompile(`\\[\\'ntrbf0]`).ReplaceAllString(parts[1], "")); unknown != "" {
		return "", fmt.Errorf("it holds %q", unknown)
	}
	return "ALTER TABLE changed " + commands.Replace(parts[1]), nil
}
