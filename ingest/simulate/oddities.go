package simulate

import "time"

// oddities are the records that trap a careless report: each has its reason to
// be left out, escaped or marked.
func (w *World) oddities(changes []*Change) []*Incident {
	d := newDice(w.Seed, "oddities")
	all := w.flapping(d)
	for _, more := range [][]*Incident{
		w.mergedReports(d), w.exercises(d), w.lingering(d), w.misrecorded(d), w.hostile(d), w.staging(d), w.mentioned(d, changes), w.lateReopening(),
	} {
		all = append(all, more...)
	}
	missingEnds(changes)
	return all
}

// before is a moment n days before the last full week, at hh:mm.
func (w *World) before(n, h, m int) time.Time {
	return weekStart(w.To, -1).AddDate(0, 0, -n).Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute)
}

// flapping: alerts that come back minutes after they went. The first of each
// burst is an incident, the others are the same one. All went by themselves.
func (w *World) flapping(d dice) []*Incident {
	bursts := []struct {
		service, title, alert string
		start                 time.Time
		times                 int
	}{
		{sheetService, "Gateway probe fails in region south", "mobile-probe-south", w.before(203, 2, 14), 4},
		{"warehouse-sync", "Scanner heartbeat lost at dock door", "warehouse-heartbeat", w.before(96, 22, 40), 3},
		{sheetService, "Gateway probe fails in region south", "mobile-probe-south", w.before(40, 4, 5), 3},
		{"reporting-jobs", "Export share not reachable", "reporting-share", w.before(-3, 1, 30), 5}, // the last full week
	}
	var all []*Incident
	for _, b := range bursts {
		at := b.start
		for range b.times {
			i := w.tell(d, StoryFlap, b.service, b.title, 3, at, d.between(3*time.Minute, 12*time.Minute))
			i.AlertKey, i.DetectedBy = b.alert, "monitoring"
			i.selfHeal()
			all = append(all, i)
			at = i.Resolved.Add(d.between(4*time.Minute, 26*time.Minute))
		}
	}
	return all
}

func (w *World) mergedReports(d dice) []*Incident {
	parent := w.tell(d, "", "warehouse-sync", "Stock levels frozen after broker restart", 2, w.before(132, 9, 30), 7*time.Hour)
	other := w.tell(d, "", badService, "Invoices without tax line", 3, w.before(20, 10, 15), 26*time.Hour)
	all := []*Incident{parent, other}
	for n, m := range []struct {
		into    *Incident
		service string
		title   string
	}{
		{parent, "warehouse-sync", "Pick lists do not print"}, {parent, "warehouse-sync", "Returns desk shows yesterday"},
		{other, badService, "Customer asks for a new invoice"}, {other, badService, "Tax missing on wallet receipts"},
	} {
		all = append(all, w.merge(d, m.into, m.service, m.title, time.Duration(20+35*n)*time.Minute)...)
	}
	return all
}

// exercises are game days, one a quarter, and announced maintenance that the
// monitors could not know of.
func (w *World) exercises(d dice) []*Incident {
	var all []*Incident
	for n, before := range []int{340, 250, 160, 68, 12} {
		service := w.Services[n].Name
		i := w.tell(d, StoryExercise, service, "Game day: lose one zone of "+service, 2, w.before(before, 9, 0), 3*time.Hour)
		i.Exercise = true
		all = append(all, i)
	}
	for n, before := range []int{190, 33} {
		i := w.tell(d, StoryMaintenance, "warehouse-sync", "Planned maintenance: warehouse database upgrade", 3, w.before(before, 20, 0), time.Duration(5+n)*time.Hour)
		i.Maintenance = true
		all = append(all, i)
	}
	return all
}

// lingering incidents are open when the history ends, one of them for 41 days.
func (w *World) lingering(d dice) []*Incident {
	var all []*Incident
	for _, l := range []struct {
		service, title string
		severity, days int
	}{
		{"reporting-jobs", "Tax return totals differ from ledger by one cent per line", 4, 41},
		{"warehouse-sync", "Customs forms lack the second page", 3, 12},
		{badService, "Wallet tokens expire a day early", 3, 5},
		{betterService, "Image search ignores colour filter", 4, 1},
	} {
		i := w.tell(d, StoryLingering, l.service, l.title, l.severity, w.To.AddDate(0, 0, -l.days), 100*24*time.Hour)
		i.Acknowledged, i.Mitigated, i.Cause = i.Created.Add(11*time.Minute), time.Time{}, ""
		all = append(all, i)
	}
	return all
}

// misrecorded: closed without saying when it was resolved, and one resolved
// before it was created.
func (w *World) misrecorded(d dice) []*Incident {
	var all []*Incident
	for n, before := range []int{222, 127, 61, 24} {
		service := w.Services[n].Name
		i := w.tell(d, StoryUnresolved, service, "Ticket without follow-up about "+w.Services[n].parts[n], 4, w.before(before, 15, 10), 5*time.Hour)
		i.Resolved, i.FirstResolved, i.Mitigated, i.ResolvedBy, i.Resolution = time.Time{}, time.Time{}, time.Time{}, "", ""
		i.Cause, i.Closed = "", i.Created.AddDate(0, 0, 9)
		all = append(all, i)
	}
	i := w.tell(d, StoryNegative, "warehouse-sync", "Carrier rejected parcels, entered afterwards", 3, w.before(22, 16, 45), time.Hour)
	i.Resolved = i.Created.Add(-40 * time.Minute)
	i.FirstResolved, i.Acknowledged, i.Mitigated, i.ImpactStarted, i.Escalated = i.Resolved, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	i.Cause = ""
	return append(all, i)
}

// hostile titles: what a customer may type, a report must show and never run.
func (w *World) hostile(d dice) []*Incident {
	var all []*Incident
	for _, h := range []struct {
		service, title string
		created        time.Time
	}{
		{betterService, `Search box echoes </script><script>alert(1)</script>`, w.before(-1, 10, 20)}, // the last full week
		{sheetService, `Chart shows __f__alert(1)__f__ as region`, w.before(-4, 14, 5)},
		{"reporting-jobs", `=HYPERLINK("http://x","y") in export cell`, w.before(8, 11, 0)},
		{poolService, "Basket 🧺 lost, customer \"very, very\" angry 🔥", w.before(15, 17, 30)},
		{outageService, "Name \u200fשלום\u200f breaks the consent page", w.before(29, 8, 50)},
	} {
		all = append(all, w.tell(d, StoryHostile, h.service, h.title, 3, h.created, d.between(time.Hour, 6*time.Hour)))
	}
	return all
}

// staging incidents are in the tools; the config leaves them out.
func (w *World) staging(d dice) []*Incident {
	var all []*Incident
	for n, before := range []int{280, 110, 50, 6} {
		i := w.tell(d, StoryStaging, w.Services[n].Name, "Staging data set not refreshed", 4, w.before(before, 12, 0), 8*time.Hour)
		i.Environment = "staging"
		all = append(all, i)
	}
	return all
}

// mentioned incidents name a change in their title and nowhere else: a hint,
// not a link.
func (w *World) mentioned(d dice, changes []*Change) []*Incident {
	var all []*Incident
	for _, before := range []int{75, 10} {
		near := w.before(before, 12, 0)
		for _, c := range changes {
			quiet := c.Outcome == Successful && c.Service == outageService && c.Environment == prod && len(c.caused) == 0
			if !quiet || c.Ended.Before(near) || c.Ended.After(w.To.AddDate(0, 0, -4)) {
				continue
			}
			i := w.tell(d, StoryMentioned, outageService, "Consent pages slower since ", 3, c.Ended.Add(3*time.Hour), 4*time.Hour)
			i.causedInTitle, i.Cause = c, ""
			all = append(all, i)
			break
		}
	}
	return all
}

// lateReopening is work that was taken up again after twenty days.
func (w *World) lateReopening() []*Incident {
	d := newDice(w.Seed, "late reopening")
	i := w.tell(d, StoryLateReopen, poolService, "Vouchers of a closed campaign are accepted", 3, w.before(117, 10, 5), 5*time.Hour)
	again := i.FirstResolved.AddDate(0, 0, 20)
	i.Resolved = again.Add(3 * time.Hour)
	i.Closed, i.Cause = i.Resolved.AddDate(0, 0, 2), ""
	i.Reopenings = []Reopening{{At: again, Resolved: i.Resolved}}
	return []*Incident{i}
}

// missingEnds: a few finished changes whose end nobody wrote down. Such a
// change counts from its start.
func missingEnds(changes []*Change) {
	eligible := 0
	for _, c := range changes {
		plain := c.Outcome == Successful && c.Story == "" && c.Environment == prod && len(c.caused) == 0
		if !plain {
			continue
		}
		if eligible++; eligible%190 == 60 {
			c.Ended, c.Story = time.Time{}, StoryMissingEnd
		}
	}
}
