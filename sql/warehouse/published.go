package warehouse

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is the data folder of an embedded warehouse. A server's has none: tools connect to the server itself.
func Folder(o Options) (string, error) {
	dir, local, err := o.folder()
	if err == nil && !local {
		err = errors.New("warehouse.url names a ClickHouse server: connect your tools to that one, as a user who may only read")
	}
	return dir, err
}

// HasStore says whether a warehouse was ever made in a data folder.
func HasStore(dir string) bool {
	_, err := os.Stat(storeIn(dir))
	return err == nil
}

// Published names the read copy that was published last. It is another name after each time.
func Published(dir string) (string, error) {
	link := filepath.Join(dir, publishedLink)
	target, err := os.Readlink(link)
	var info fs.FileInfo
	if err == nil {
		info, err = os.Lstat(link)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &NothingPublishedError{Path: dir}
	case err != nil:
		return "", fmt.Errorf("look at what is published: %w", err)
	}
	// In a folder that was made anew the numbers begin again.
	return fmt.Sprintf("%s of %s", target, info.ModTime().UTC().Format("2006-01-02 15:04:05.000")), nil
}
