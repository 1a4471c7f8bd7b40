package serve

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// shortest is the length of a password, too.
const shortest = 12

// madeToken is the form of those that are made here.
var madeToken = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// Token is the secret in a file of the data folder, made on the first call.
func Token(data string) (token, path string, err error) {
	path = filepath.Join(data, "serve.token")
	if err := os.MkdirAll(data, 0o700); err != nil {
		return "", path, fmt.Errorf("make a token: %w", err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return readToken(path)
	}
	if err != nil {
		return "", path, fmt.Errorf("make a token: %w", err)
	}
	token = rand.Text()
	_, err = fmt.Fprintln(file, token)
	if err = errors.Join(err, file.Close()); err != nil {
		return "", path, fmt.Errorf("make a token: %w", errors.Join(err, os.Remove(path)))
	}
	return token, path, nil
}

func readToken(path string) (string, string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", path, fmt.Errorf("read the token: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", path, fmt.Errorf("others may read the token %s: delete the file, so that a new one is made", path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", path, fmt.Errorf("read the token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if len(token) < shortest {
		return "", path, fmt.Errorf("the token file %s holds fewer than %d characters: delete it, so that a new one is made", path, shortest)
	}
	return token, path, nil
}
