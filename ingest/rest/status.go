package rest

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
)

// StatusError is an answer whose status is not 2xx.
type StatusError struct {
	Status       int
	Method, Path string // Path has no query
	Message      string // the vendor's, in one line; may be empty
}

func (e *StatusError) Error() string {
	text := statusText(e.Status)
	if e.Path != "" {
		text = strings.TrimSpace(e.Method+" "+e.Path) + ": " + text
	}
	if e.Message != "" {
		text += ": " + strings.TrimRight(e.Message, ".")
	}
	if hint := StatusHint(e.Status); hint != "" {
		text += "; " + hint
	}
	return text
}

// Check is nil for a 2xx answer, else a *StatusError with the vendor's message.
// It may be called when a vendor's client has failed on the answer, as long as
// nobody has read the body. The body is read then.
func (c *Client) Check(resp *http.Response) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	e := &StatusError{Status: resp.StatusCode}
	if resp.Request != nil {
		e.Method, e.Path = resp.Request.Method, c.secrets.hide(resp.Request.URL.Path)
	}
	if body, err := io.ReadAll(resp.Body); err == nil {
		// Cut last: half a secret would not be recognised.
		e.Message = short300(c.secrets.hide(message(resp.Header.Get("Content-Type"), body)))
	}
	return e
}

// message finds the text in an error's body: Jira's {errorMessages, errors},
// PagerDuty's {error: {message, errors}}, OAuth's {message}, or plain text.
func message(contentType string, body []byte) string {
	kind, _, _ := mime.ParseMediaType(contentType)
	var said []string
	var object struct {
		ErrorMessages json.RawMessage `json:"errorMessages"`
		Errors        json.RawMessage `json:"errors"`
		Message       json.RawMessage `json:"message"`
		Error         json.RawMessage `json:"error"`
	}
	if json.Unmarshal(body, &object) == nil {
		for _, part := range []json.RawMessage{object.ErrorMessages, object.Errors, object.Message, object.Error} {
			said = append(said, texts(part)...)
		}
	} else if kind == "text/plain" {
		said = []string{string(body)}
	}
	return oneLine(strings.Join(said, ", "))
}

// short300 is what a line has room for.
func short300(text string) string {
	if runes := []rune(text); len(runes) > 300 {
		return string(runes[:300]) + "…"
	}
	return text
}

// texts are the strings in a JSON value, in an object those of each key.
func texts(value json.RawMessage) []string {
	var parsed any
	if len(value) == 0 || json.Unmarshal(value, &parsed) != nil {
		return nil
	}
	switch v := parsed.(type) {
	case string:
		return []string{v}
	case []any:
		var all []string
		for _, element := range v {
			if text, ok := element.(string); ok {
				all = append(all, text)
			}
		}
		return all
	case map[string]any:
		var inner map[string]json.RawMessage
		_ = json.Unmarshal(value, &inner) // it just was an object
		if message := texts(inner["message"]); message != nil {
			return append(message, texts(inner["errors"])...)
		}
		var all []string
		for key, element := range v {
			if text, ok := element.(string); ok {
				all = append(all, key+": "+text)
			}
		}
		slices.Sort(all)
		return all
	}
	return nil
}

// StatusHint is the next step after a status, without a prefix; empty for those
// that only the caller can tell.
func StatusHint(status int) string {
	switch {
	case status == http.StatusUnauthorized:
		return "the credential is wrong or has expired: make a new one, and put it where token in the config says"
	case status == http.StatusForbidden:
		return "the credential lacks rights: give it read access, or ask who administers the source"
	case status == http.StatusNotFound:
		return "wrong url in the config, or nothing that this credential may see"
	case status == http.StatusGone:
		return "the vendor has removed this endpoint: update srekpi"
	case status == http.StatusProxyAuthRequired:
		return proxyHint(status)
	case status == http.StatusTooManyRequests:
		return "the rate limit lasts longer than the retries: " + later
	case status >= 500:
		return "the server has trouble: " + later
	case status/100 == 3:
		return "check url in the config"
	}
	return ""
}

func proxyHint(status int) string {
	switch {
	case status == http.StatusProxyAuthRequired:
		return "set user and password in network.proxy of the config, or in HTTPS_PROXY"
	case passing(status):
		return later
	}
	return "ask who runs the proxy to let this host through"
}

func statusText(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}
