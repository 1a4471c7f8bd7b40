package reports

import (
	"strings"
	"testing"
)

// A column of 0.01 on every row says nothing: what a chore costs is told in
// people only where one of them costs enough.
func TestChoresAreToldInPeopleWhereTheyCostSome(t *testing.T) {
	row := choreRow{Title: "Restart", Times: tallyOf("chore/times", 2), Hours: hoursIn("chore/hours", 8), Each: hoursIn("chore/each", 4), Year: hoursIn("chore/year", 31),
		People: prose{counting(tally{Text: "0.01", What: "chore/people", Raw: "0.01"})}}
	for _, some := range []bool{false, true} {
		body, err := set("chores", choresView{Year: true, Some: some, Rows: []choreRow{row}})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(string(body), "Costs, in people") && strings.Contains(string(body), `data-tally="chore/people"`); got != some || !strings.Contains(string(body), "Hours a year") {
			t.Errorf("some: %v, in people: %v", some, got)
		}
	}
	for people, want := range map[float64]bool{0.04: false, 0.05: true, 0.4: true} {
		if worthPeople(people) != want {
			t.Errorf("%v people: %v", people, !want)
		}
	}
}
