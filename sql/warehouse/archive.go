package warehouse

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// archiveFormat is the form of the archives that this program writes, the newest that it reads.
const archiveFormat = 1

const (
	manifestName  = "manifest.json"
	manifestBytes = 256 << 20 // what a manifest may be long, against an archive that is none of ours
)

// Manifest stands first in a backup and says what else is in it.
type Manifest struct {
	Format  int        `json:"format"`
	Schema  int64      `json:"schema"`  // version of the tables, see sql/schema
	Version string     `json:"version"` // of the srekpi that made it
	Build   uint32     `json:"build"`   // the published build; 0: none yet
	AsOf    *time.Time `json:"as_of"`   // of that build
	MadeAt  time.Time  `json:"made_at"`

	Forgotten uint64 `json:"forgotten,omitempty"` // people; the archive lacks the key, see Options.ForgetKey

	Files []ManifestFile `json:"files"` // in the order of the archive
}

// ManifestFile is one file of the engine's folder. A symbolic link has only its target.
type ManifestFile struct {
	Path   string `json:"path"`
	Size   int64  `json:"size,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	Link   string `json:"link,omitempty"`
}

// Bytes is the size of all files, unpacked.
func (m *Manifest) Bytes() int64 {
	var sum int64
	for _, f := range m.Files {
		sum += f.Size
	}
	return sum
}

// list fills in the files of a folder that nobody changes.
func (m *Manifest) list(ctx context.Context, dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil || entry.IsDir() {
			return err
		}
		relative, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		f := ManifestFile{Path: filepath.ToSlash(relative)}
		if entry.Type()&fs.ModeSymlink != 0 {
			f.Link, err = os.Readlink(name)
		} else {
			f.Size, f.SHA256, err = digest(name)
		}
		m.Files = append(m.Files, f)
		return err
	})
}

func digest(name string) (int64, string, error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, "", err
	}
	defer file.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, file)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

// check refuses a manifest that would lead out of the folder, or that an archive of ours cannot have.
func (m *Manifest) check() error {
	if m.Format > archiveFormat {
		return fmt.Errorf("its format is %d and this srekpi reads %d; restore it with srekpi %s, which made it, or a newer one", m.Format, archiveFormat, m.Version)
	}
	if m.Format < 1 || len(m.Files) == 0 {
		return errors.New("its manifest lists nothing; it is no backup made by srekpi")
	}
	seen := map[string]bool{}
	for _, f := range m.Files {
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) || path.Clean(f.Path) != f.Path || strings.Contains(f.Path, `\`) {
			return fmt.Errorf("its file %q lies outside the data folder; it is no backup made by srekpi", f.Path)
		}
		target := path.Join(path.Dir(f.Path), f.Link)
		if f.Link != "" && (path.IsAbs(f.Link) || !filepath.IsLocal(filepath.FromSlash(target))) {
			return fmt.Errorf("its link %q leads out of the data folder; it is no backup made by srekpi", f.Path)
		}
		if seen[f.Path] || f.Size < 0 {
			return fmt.Errorf("its file %q is listed wrongly; it is no backup made by srekpi", f.Path)
		}
		seen[f.Path] = true
	}
	return nil
}

// write packs the listed files of a folder.
func (m *Manifest) write(ctx context.Context, dir string, out io.Writer) error {
	pressed, err := zstd.NewWriter(out, zstd.WithEncoderLevel(zstd.SpeedFastest)) // parts are compressed already
	if err != nil {
		return err
	}
	defer pressed.Close()
	packed := tar.NewWriter(pressed)
	text, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return err
	}
	if err := packed.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: manifestName, Mode: 0o600, Size: int64(len(text)), ModTime: m.MadeAt}); err != nil {
		return err
	}
	if _, err := packed.Write(text); err != nil {
		return err
	}
	for _, f := range m.Files {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := f.pack(dir, packed, m.MadeAt); err != nil {
			return err
		}
	}
	return errors.Join(packed.Close(), pressed.Close())
}

func (f ManifestFile) pack(dir string, packed *tar.Writer, at time.Time) error {
	if f.Link != "" {
		return packed.WriteHeader(&tar.Header{Typeflag: tar.TypeSymlink, Name: f.Path, Linkname: f.Link, Mode: 0o777, ModTime: at})
	}
	if err := packed.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.Path, Mode: 0o600, Size: f.Size, ModTime: at}); err != nil {
		return err
	}
	file, err := os.Open(filepath.Join(dir, filepath.FromSlash(f.Path)))
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(packed, file)
	return err
}

// unpack reads an archive from its beginning to its end and holds every file against the manifest. Each is handed to
// keep before its bytes are known to be right; begin gets the manifest before any.
func unpack(ctx context.Context, in io.Reader, begin func(*Manifest) error, keep func(ManifestFile, io.Reader) error) (*Manifest, error) {
	spread, err := zstd.NewReader(in, zstd.WithDecoderMaxMemory(1<<30))
	if err != nil {
		return nil, err
	}
	defer spread.Close()
	packed := tar.NewReader(spread)
	m, err := readManifest(packed)
	if err == nil {
		err = m.check()
	}
	if err == nil {
		err = begin(m)
	}
	if err != nil {
		return nil, err
	}
	for _, f := range m.Files {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if err := f.take(packed, keep); err != nil {
			return nil, err
		}
	}
	if h, err := packed.Next(); err == nil {
		return nil, fmt.Errorf("it holds %q, which its manifest does not list", h.Name)
	} else if err != io.EOF {
		return nil, broken(err)
	}
	// The end of the compressed stream has its checksum.
	if _, err := io.Copy(io.Discard, spread); err != nil {
		return nil, broken(err)
	}
	return m, nil
}

func readManifest(packed *tar.Reader) (*Manifest, error) {
	h, err := packed.Next()
	if err != nil {
		return nil, broken(err)
	}
	if h.Name != manifestName || h.Typeflag != tar.TypeReg || h.Size > manifestBytes {
		return nil, fmt.Errorf("it begins with %q and not with %s; it is no backup made by srekpi", h.Name, manifestName)
	}
	text, err := io.ReadAll(packed)
	if err != nil {
		return nil, broken(err)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, fmt.Errorf("its manifest cannot be read: %w", err)
	}
	return m, nil
}

// take reads one file, which must be the next in the archive.
func (f ManifestFile) take(packed *tar.Reader, keep func(ManifestFile, io.Reader) error) error {
	h, err := packed.Next()
	if err != nil {
		return broken(err)
	}
	kind := byte(tar.TypeReg)
	if f.Link != "" {
		kind = tar.TypeSymlink
	}
	if h.Name != f.Path || h.Typeflag != kind || h.Linkname != f.Link || h.Size != f.Size {
		return fmt.Errorf("it holds %q where its manifest lists %q; it was changed after it was made", h.Name, f.Path)
	}
	sum := sha256.New()
	rest := &content{in: io.TeeReader(packed, sum)}
	err = keep(f, rest)
	if rest.err != nil {
		return broken(rest.err)
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, rest); err != nil {
		return broken(err)
	}
	if f.Link == "" && hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
		return fmt.Errorf("its file %q is not what was backed up; the archive is damaged: restore another copy of it, or take another backup", f.Path)
	}
	return nil
}

// content tells an archive that cannot be read from a disk that cannot be written.
type content struct {
	in  io.Reader
	err error // of reading
}

func (c *content) Read(b []byte) (int, error) {
	n, err := c.in.Read(b)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}

// broken says what the reading of an archive stumbled over.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it ends too early; the archive is cut off: restore another copy of it, or take another backup")
	}
	return fmt.Errorf("it cannot be unpacked: %w; the archive is damaged: restore another copy of it, or take another backup", err)
}
