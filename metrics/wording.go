package metrics

import "strings"

// Past is what happened to a duration of this KPI that counts: "resolved".
func (k KPI) Past() string { return or(k.Ended, "ended") }

// Lasting is what a duration of this KPI is that has not ended: "still open".
// An incident that somebody resolved without acknowledging it is no open one.
func (k KPI) Lasting() string {
	if k.Ended == acknowledged {
		return "never acknowledged"
	}
	return "still open"
}

// lasts counts those that have not ended.
func (k KPI) lasts(n uint64) string {
	switch {
	case n > 0:
		return Number(float64(n)) + " " + k.Lasting()
	case k.Ended == acknowledged:
		return "none left unacknowledged"
	}
	return None + " " + k.Lasting()
}

const acknowledged = "acknowledged"

// per is the unit of an average.
func (k KPI) per() string { return or(k.Unit, "unit") }

// rows is what a sum with a unit is over, in the number that fits.
func (k KPI) rows(n float64) string {
	one := or(k.Entity, "row")
	if n == 1 {
		return one
	}
	return one + "s"
}

// amount is a number with the KPI's unit.
func (k KPI) amount(x float64) string {
	return strings.TrimSpace(Number(x) + " " + k.Unit)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// Turn says whether a move up (+1) or down (−1) is for the better, by the KPI's
// own word; "" where it does not say, or nothing moved.
func Turn(direction int, better string) string {
	switch {
	case direction == 0:
		return ""
	case better == "lower" && direction < 0, better == "higher" && direction > 0:
		return "better"
	case better == "lower", better == "higher":
		return "worse"
	}
	return ""
}
