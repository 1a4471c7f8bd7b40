package forget

import (
	"crypto/md5"
	"crypto/sha256"
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// Name is one thing that a person is called by: a name, an id, a login, an address.
type Name struct {
	Text  string
	words []string
	alone bool
}

// Typed are the forms of a name that somebody typed: it counts wherever it stands.
func Typed(text string) []Name { return forms(text, false) }

// Found are the forms of a name that the data connects with a person. A single word, as a login, counts only where
// it stands alone: "ada" is in many texts that mean another Ada.
func Found(text string) []Name { return forms(text, true) }

// pagerdutyID is an id that no text holds by chance, also where it has no digit.
var pagerdutyID = regexp.MustCompile(`^[PQ][A-Z0-9]{6,13}$`)

func forms(text string, found bool) []Name {
	words := Words(text)
	if len(words) == 0 || figures(words) {
		return nil
	}
	if len(words) > maxWords {
		words = words[:maxWords]
	}
	login := len(words) == 1 && !strings.ContainsFunc(words[0], unicode.IsDigit) && !pagerdutyID.MatchString(text)
	names := []Name{{text, words, found && login}}
	if local, _, address := strings.Cut(text, "@"); address {
		if words := Words(local); len(words) > 1 && !figures(words) {
			names = append(append(names, Name{local, words, false}), spelled(local, words)...)
		}
		return append(names, gravatars(text)...)
	}
	return append(names, spelled(text, words)...)
}

// gravatars are the hashes of an address that stand in the links to its owner's picture. Whoever has the address can
// tell that it is the one.
func gravatars(address string) []Name {
	plain := []byte(strings.ToLower(strings.TrimSpace(address)))
	var names []Name
	for _, hash := range []string{fmt.Sprintf("%x", md5.Sum(plain)), fmt.Sprintf("%x", sha256.Sum256(plain))} {
		names = append(names, Name{address, []string{hash}, false})
	}
	return names
}

// joinedFrom is the length from which words written as one are nobody else.
const joinedFrom = 8

// spelled are other ways to write a name of several words: Lovelace, Ada and adalovelace.
func spelled(text string, words []string) []Name {
	if len(words) < 2 || len(words) > 4 || strings.ContainsFunc(text, unicode.IsDigit) {
		return nil
	}
	last := len(words) - 1
	names := []Name{{text, append([]string{words[last]}, words[:last]...), false}}
	if joined := strings.Join(words, ""); len([]rune(joined)) >= joinedFrom {
		names = append(names, Name{text, []string{joined}, false})
	}
	return names
}

// figures says that there is no letter in it: such a number is too many other things.
func figures(words []string) bool {
	return !strings.ContainsFunc(strings.Join(words, ""), unicode.IsLetter)
}
