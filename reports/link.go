package reports

import (
	"hash/fnv"
	"net/url"
	"strconv"
	"strings"
)

// longest is how long an address may be: some browsers follow none beyond it, and
// a page of two thousand rows must stay within its size.
const longest = 2000

// link is an address that a reader may follow; anything but http and https is
// none, and its text stands without a link.
func link(address string) string {
	if len(address) > longest {
		return ""
	}
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	u.User = nil // a password in a ticket is none of the page's business
	return u.String()
}

// anchor is a fragment id made from a record's id: the same in every document.
func anchor(kind, id string) string {
	sum := fnv.New64a()
	sum.Write([]byte(id))
	return kind + "-" + strconv.FormatUint(sum.Sum64(), 36)
}

// dashed is a KPI's name as part of an id.
func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }
