package simulate

// change is what the tracker holds of one change.
func (t *tracker) change(k Change) {
	worker := t.world.member(k.Team, len(k.Title))
	kind := "Change"
	if k.Kind == "deployment" {
		kind = "Release"
	}
	c := t.open(k.Key, kind, "c", k.Title, k.Created, worker, scheduled)
	c.about([]string{k.Service})
	c.choose("Team", k.Team)
	c.choose("Change kind", categories[k.Kind])
	c.choose("Change type", title(k.Type))
	c.choose("Risk", title(k.Risk))
	c.choose("Affected environment", k.Environment)
	c.choose("Outcome", closeCodes[k.Outcome])
	c.date("Planned start", k.PlannedStart)
	c.date("Planned end", k.PlannedEnd)
	c.date("Actual start", k.Started)
	c.date("Actual end", k.Ended)
	c.date("Closed on", k.Closed)
	c.say("Hotfix of", k.ParentChange)
	for _, key := range k.CausedIncidents {
		t.links = append(t.links, link{"Problem/Incident", k.Key, key})
	}
	if k.Outcome == Cancelled || k.Outcome == Rejected {
		c.move(k.Closed, worker, canceled, "Won't Do")
		return
	}
	c.move(k.Started, worker, implement, "")
	c.move(k.Ended, worker, review, "")
	c.move(k.Closed, worker, closed, "Done")
}
