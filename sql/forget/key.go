package forget

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// KeyError is returned for a list of which the key is not at hand.
type KeyError struct {
	File  string
	Other bool // there is a key, and it is not that of the list
}

func (e *KeyError) Error() string {
	is := "is not there"
	if e.Other {
		is = "is another one"
	}
	return fmt.Sprintf("people were forgotten in this warehouse, and the key of their hashes, %s, %s: they would come back, so nothing is done; restore this file from where you keep copies of it (docs/forget.md says what to do when it is lost)", e.File, is)
}

// keyBytes is the length of a key.
const keyBytes = sha256.Size

// givenUp stands in the place of a key that is lost: its list counts no more.
const givenUp = "given up"

func newKey() []byte {
	key := make([]byte, keyBytes)
	rand.Read(key) // never fails
	return key
}

// readKey returns no key where there is none, or one that was given up.
func readKey(file string) (key []byte, gone bool, err error) {
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read the key of who was forgotten: %w; run as the user who forgot somebody", err)
	}
	plain := strings.TrimSpace(string(text))
	if plain == givenUp {
		return nil, true, nil
	}
	if key, err = hex.DecodeString(plain); err != nil || len(key) != keyBytes {
		return nil, false, fmt.Errorf("read the key of who was forgotten: %s does not hold %d bytes in hex; restore this file from where you keep copies of it", file, keyBytes)
	}
	return key, false, nil
}

// writeKey makes a file that is whole or not there, also after a power cut.
func writeKey(file string, key []byte) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("keep the key of who is forgotten: %w", err)
		}
	}()
	dir := filepath.Dir(file)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	draft, err := os.CreateTemp(dir, filepath.Base(file)+".*.part") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = fmt.Fprintln(draft, hex.EncodeToString(key))
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := os.Rename(draft.Name(), file); err != nil {
		return err
	}
	folder, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (l *List) mac(text string) []byte {
	mac := hmac.New(sha256.New, l.key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// keyID tells keys apart, and says nothing else of one.
func (l *List) keyID() string { return hex.EncodeToString(l.mac("which key\x00")[:8]) }

// masked has the hints of an entry hidden, or those of a hidden one shown: from many of them the seed could be found.
func (l *List) masked(e entry) entry {
	mask := l.mac("hints\x00" + e.Hash)
	e.First ^= binary.LittleEndian.Uint16(mask)
	e.Whole ^= binary.LittleEndian.Uint16(mask[2:])
	return e
}
