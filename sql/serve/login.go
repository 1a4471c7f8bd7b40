package serve

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net/http"
	"strings"
	"time"
)

const (
	// wrongWait is how long an answer to a wrong password takes, and wrongAtOnce how many such answers there are in that
	// time before secrets that could be guessed are looked at one by one, each for pace. The right one waits with them:
	// behind as many as there are connections, which is a moment.
	wrongWait   = time.Second
	wrongAtOnce = 8
	pace        = 5 * time.Millisecond
)

// logins knows the one user. It keeps hashes, so that comparing takes the same time for all.
type logins struct {
	user, secret [sha256.Size]byte
	random       bool // of 130 bits, which nobody guesses at any pace
	wrong        chan struct{}
	turn         chan struct{}
}

func newLogins(user, secret string) *logins {
	return &logins{
		user: sha256.Sum256([]byte(user)), secret: sha256.Sum256([]byte(secret)), random: madeToken.MatchString(secret),
		wrong: make(chan struct{}, wrongAtOnce), turn: make(chan struct{}, 1),
	}
}

// credentials are what a client sends to be let in, in any of the ways that ClickHouse knows.
type credentials struct {
	user, secret string
	bearer       bool // a token needs no user
}

// admit takes the credentials out of the request, so that they go no further, and checks them.
func (l *logins) admit(r *http.Request) *exception {
	given, err := takeCredentials(r)
	if err != nil {
		return err
	}
	crowded := len(l.wrong) == cap(l.wrong)
	if crowded && !l.random {
		l.turn <- struct{}{}
		time.Sleep(pace)
		<-l.turn
	}
	user, secret := sha256.Sum256([]byte(given.user)), sha256.Sum256([]byte(given.secret))
	right := subtle.ConstantTimeCompare(secret[:], l.secret[:])
	if !given.bearer {
		right &= subtle.ConstantTimeCompare(user[:], l.user[:])
	}
	if right == 1 {
		return nil
	}
	if given.secret == "" {
		return &exception{code: codePassword, text: fmt.Sprintf("Code: %d. DB::Exception: A password or token is needed; `srekpi serve` says on its start where it is. (REQUIRED_PASSWORD)", codePassword)}
	}
	failed := &exception{code: codeLogin, text: fmt.Sprintf("Code: %d. DB::Exception: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)", codeLogin)}
	select {
	case l.wrong <- struct{}{}:
		time.AfterFunc(wrongWait, func() { <-l.wrong }) // also when the client does not wait for it
	default:
		failed = &exception{code: codeLogin, status: http.StatusTooManyRequests, text: fmt.Sprintf("Code: %d. DB::Exception: Too many failed logins at the moment; try again in a second. (AUTHENTICATION_FAILED)", codeLogin)}
	}
	select {
	case <-time.After(wrongWait):
	case <-r.Context().Done():
	}
	return failed
}

func takeCredentials(r *http.Request) (credentials, *exception) {
	query := r.URL.Query()
	ways := []credentials{}
	if user, key := r.Header.Get("X-ClickHouse-User"), r.Header.Get("X-ClickHouse-Key"); user != "" || key != "" {
		ways = append(ways, credentials{user: first(user, "default"), secret: key})
	}
	if text := r.Header.Get("Authorization"); text != "" {
		if user, password, basic := r.BasicAuth(); basic {
			ways = append(ways, credentials{user: first(user, "default"), secret: password})
		} else if kind, token, _ := strings.Cut(text, " "); strings.EqualFold(kind, "Bearer") {
			ways = append(ways, credentials{secret: strings.TrimSpace(token), bearer: true})
		} else {
			return credentials{}, &exception{code: codeLogin, text: fmt.Sprintf("Code: %d. DB::Exception: Authorization takes Basic or Bearer here. (AUTHENTICATION_FAILED)", codeLogin)}
		}
	}
	if query.Has("user") || query.Has("password") {
		ways = append(ways, credentials{user: first(query.Get("user"), "default"), secret: query.Get("password")})
	}
	for _, name := range []string{"Authorization", "X-ClickHouse-User", "X-ClickHouse-Key", "X-ClickHouse-Ssl-Certificate-Auth", "Cookie"} {
		r.Header.Del(name)
	}
	query.Del("user")
	query.Del("password")
	r.URL.RawQuery = query.Encode()
	switch len(ways) {
	case 0:
		return credentials{user: "default"}, nil
	case 1:
		return ways[0], nil
	}
	return credentials{}, &exception{code: codeLogin, text: fmt.Sprintf("Code: %d. DB::Exception: Invalid authentication: it is not allowed to use several of headers, Authorization and parameters at once. (AUTHENTICATION_FAILED)", codeLogin)}
}
