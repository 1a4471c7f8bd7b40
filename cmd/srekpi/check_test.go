package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/ingest/simulate"
	"github.com/srekpi/srekpi/ingest/simulate/pagerdutyapi"
)

// Of the simulated company check reads a sample, and says what its rules of work
// leave open in it.
func TestCheckOfTheCompany(t *testing.T) {
	t.Parallel()
	c := serve(t, simulate.AsOf.AddDate(0, 0, -60), simulate.AsOf, pagerdutyapi.Options{})
	dir := t.TempDir()
	c.office(t, dir)
	_, fit, found := strings.Cut(srekpi(t, dir, exitPartial, "check"), "\nwork ") // the sheet has rows that cannot be read
	if !found {
		t.Fatal("it does not say how the rules fit")
	}
	for _, line := range []string{
		`^ +\d+ tickets, \d+\.\d h booked on them: business_project \d+\.\d h \(\d+ %\), .*unclassified \d+\.\d h \(\d+ %\)`,
		`no rule of work fits \d+ tickets with \d+\.\d h\.`,
		`- \{is: \?, source: \[jira\], type: \[Request\]\}   # \d+ tickets, \d+\.\d h: [A-Z]{3} \d+ with `,
		`\nrecords  \d+ incidents; no cause: \d+ \(\d+ %\)`,
		`\ntargets  `,
	} {
		if !regexp.MustCompile(line).MatchString(fit) {
			t.Errorf("check does not say %s but\n%s", line, fit)
		}
	}
	for _, not := range []string{"default rules", "names  ", "fit nothing", "fits nothing"} {
		if strings.Contains(fit, not) {
			t.Errorf("check says %q:\n%s", not, fit)
		}
	}
}
