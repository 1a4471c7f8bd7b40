package rest

import (
	"net/url"
	"slices"
	"strings"
)

// secrets replaces texts that must not be shown, as they are or as a URL or a
// JSON text would write them.
type secrets []string

func newSecrets(texts []string, proxy string) secrets {
	if u, err := url.Parse(proxy); err == nil && u.User != nil {
		if password, ok := u.User.Password(); ok {
			texts = append(slices.Clone(texts), password)
		}
	}
	var s secrets
	for _, text := range texts {
		for _, form := range []string{text, url.QueryEscape(text), url.PathEscape(text), (&url.URL{Path: text}).EscapedPath(), strings.ReplaceAll(text, `"`, `\"`)} {
			if form != "" && !slices.Contains(s, form) {
				s = append(s, form)
			}
		}
	}
	// One that holds another goes first, so that no part of it stays.
	slices.SortFunc(s, func(a, b string) int { return len(b) - len(a) })
	return s
}

// Hide is a text without the client's secrets.
func (c *Client) Hide(text string) string { return c.secrets.hide(text) }

func (s secrets) hide(text string) string {
	for _, secret := range s {
		text = strings.ReplaceAll(text, secret, "***")
	}
	return text
}
