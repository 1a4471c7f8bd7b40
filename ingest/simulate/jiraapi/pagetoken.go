package jiraapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

const tokenLife = 7 * 24 * time.Hour

// cursor is what a page token says: after which issue the next page begins, and
// of which query. It outlives the server, but not a week.
type cursor struct {
	Query   []byte
	Issued  int64
	Number  int64
	Project string
	Key     int
	Created time.Time
	Updated time.Time
}

func digest(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:8]
}

func (c *call) writeToken(jql string, last *document) string {
	raw, _ := json.Marshal(cursor{
		Query: digest(jql), Issued: c.now.Unix(), Number: last.number,
		Project: last.project, Key: last.keyNumber, Created: last.created, Updated: last.updated,
	})
	return base64.RawURLEncoding.EncodeToString(append(digest(string(raw)), raw...))
}

func (c *call) readToken(token, jql string) (*document, error) {
	wrong := invalid("The provided next page token is invalid or expired.")
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) < 8 || !bytes.Equal(raw[:8], digest(string(raw[8:]))) {
		return nil, wrong
	}
	var at cursor
	if json.Unmarshal(raw[8:], &at) != nil || !bytes.Equal(at.Query, digest(jql)) || c.now.Sub(time.Unix(at.Issued, 0)) > tokenLife {
		return nil, wrong
	}
	return &document{
		number: at.Number, project: at.Project, keyNumber: at.Key, created: at.Created, updated: at.Updated,
	}, nil
}
