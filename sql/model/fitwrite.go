package model

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/srekpi/srekpi/configs"
)

// Write prints for a person what the rules leave open, each with the next step.
func (f *Fit) Write(out io.Writer, cfg *configs.Config) {
	f.writeWork(out, cfg)
	if f.Incidents > 0 {
		f.writeIncidents(out, cfg)
	}
	f.writeUnlisted(out)
}

func (f *Fit) writeWork(out io.Writer, cfg *configs.Config) {
	if f.Work.Tickets == 0 {
		return
	}
	fmt.Fprintf(out, "work     %s, %s booked on them: ", counted(f.Work.Tickets, "ticket"), hours(f.Work.Hours))
	var open Tally
	var parts []string
	for _, c := range f.Classes {
		if c.Name == "" {
			open = c
			c.Name = "unclassified"
		}
		parts = append(parts, fmt.Sprintf("%s %s", c.Name, ofTotal(c, f.Work)))
	}
	fmt.Fprintln(out, strings.Join(parts, ", "))
	if f.Homeless > 0 {
		fmt.Fprintf(out, "         %s are booked on tickets that were not read and stay unclassified; ask for their projects too\n", hours(f.Homeless))
	}
	if len(f.IdleWork) > 0 && !cfg.Work.Default() {
		fmt.Fprintf(out, "         %s of work.rules %s nothing of what was read; look for a misspelt type, label or project\n", places("rule", f.IdleWork), verb(f.IdleWork, "fits", "fit"))
	}
	if len(f.Open) == 0 {
		return
	}
	fmt.Fprintf(out, "         no rule of work fits %s with %s. Put a kind of work (%s) in the place of the question marks, project: [KEY] where they differ, and add the lines to work.rules:\n",
		counted(open.Tickets, "ticket"), hours(open.Hours), strings.Join(configs.WorkClasses, ", "))
	if cfg.Work.Default() {
		fmt.Fprintln(out, "           # the default rules, which yours replace: keep those that are right")
		for _, r := range cfg.Work.Rules {
			fmt.Fprintf(out, "           - %s\n", r)
		}
	}
	for _, k := range f.Open {
		rule := configs.WorkRule{Is: "?", Source: []string{k.Source}, Type: []string{k.Type}}
		if k.Type == "" {
			rule.Type = nil
		}
		var projects []string
		for _, p := range k.Projects {
			projects = append(projects, fmt.Sprintf("%s %d with %s", p.Name, p.Tickets, hours(p.Hours)))
		}
		if k.More > 0 {
			projects = append(projects, fmt.Sprintf("%d more", k.More))
		}
		fmt.Fprintf(out, "           - %s   # %s, %s: %s\n", rule, counted(k.Tickets, "ticket"), hours(k.Hours), strings.Join(projects, ", "))
	}
	if more := f.OpenKinds - len(f.Open); more > 0 {
		fmt.Fprintf(out, "           # and %s with less\n", counted(uint64(more), "kind"))
	}
}

func (f *Fit) writeIncidents(out io.Writer, cfg *configs.Config) {
	fmt.Fprintf(out, "records  %s", counted(f.Incidents, "incident"))
	if len(f.Blanks) > 0 {
		fmt.Fprintf(out, "; %s; map the field, or see that it is filled in", f.percents(f.Blanks))
	}
	fmt.Fprintln(out)
	if n := total(f.Unjudged); n > 0 {
		fmt.Fprintf(out, "repeats  %s (%s) cannot be compared with earlier ones:\n", counted(n, "incident"), f.percent(n))
		for _, s := range f.Unjudged {
			next := "map services"
			if s.What == "title says nothing" {
				next = "map alert_key, cause or problem_key, or have titles say what broke"
			}
			fmt.Fprintf(out, "         %d: %s; %s\n", s.Incidents, s.What, next)
		}
	}
	if n := total(f.Untargeted); n > 0 {
		fmt.Fprintf(out, "targets  %s (%s) without a target: %s; add one that fits, if they are to have one\n", counted(n, "incident"), f.percent(n), f.percents(f.Untargeted))
	} else if len(cfg.Targets) > 0 {
		fmt.Fprintln(out, "targets  every incident has one")
	}
	if len(f.IdleTargets) > 0 {
		fmt.Fprintf(out, "         %s %s no incident of what was read\n", places("target", f.IdleTargets), verb(f.IdleTargets, "is for", "are for"))
	}
	if f.Twins > 0 {
		fmt.Fprintf(out, "twins    %s of two sources on one service began within 30 minutes and %s left apart, so they count twice if they are the same:\n",
			counted(f.Twins, "pair"), map[bool]string{true: "is", false: "are"}[f.Twins == 1])
		for _, t := range f.TwinPairs {
			fmt.Fprintf(out, "         %s: %s of %s and %s of %s\n", t.Service, t.Key, t.Source, t.OtherKey, t.OtherSource)
		}
		fmt.Fprintln(out, "         map same_as to the field in which one names the other; nothing is joined by guess")
	}
}

func (f *Fit) writeUnlisted(out io.Writer) {
	for i, u := range f.Unlisted {
		if i == 0 || f.Unlisted[i-1].Kind != u.Kind {
			fmt.Fprintf(out, "names    %ss of the records that the config does not list; add them, or add the name to the aliases of the one that it means:\n", u.Kind)
			fmt.Fprintf(out, "           %ss:\n", u.Kind)
		}
		entry := fmt.Sprintf("- {name: %s}", strconv.Quote(u.Name))
		if u.Kind == "service" {
			entry = fmt.Sprintf("- {name: %s, team: ?}", strconv.Quote(u.Name))
		}
		if u.Like != "" {
			entry += fmt.Sprintf("   # like %s? then aliases: [%s] there", u.Like, strconv.Quote(u.Name))
		}
		fmt.Fprintf(out, "             %s%s%s of %s\n", entry, map[bool]string{true: "   # ", false: "; "}[u.Like == ""], counted(u.Records, "record"), strings.Join(u.Sources, ", "))
		if more := f.Names[u.Kind] - 2*shown; f.Names[u.Kind] > 2*shown && (i+1 == len(f.Unlisted) || f.Unlisted[i+1].Kind != u.Kind) {
			fmt.Fprintf(out, "             # and %d rarer ones\n", more)
		}
	}
}

func (f *Fit) percent(n uint64) string {
	p := 100 * float64(n) / float64(f.Incidents)
	if p < 1 {
		return "under 1 %"
	}
	return fmt.Sprintf("%.0f %%", p)
}

func (f *Fit) percents(list []Share) string {
	parts := make([]string, len(list))
	for i, s := range list {
		parts[i] = fmt.Sprintf("%s: %d (%s)", s.What, s.Incidents, f.percent(s.Incidents))
	}
	return strings.Join(parts, ", ")
}

func total(list []Share) uint64 {
	var n uint64
	for _, s := range list {
		n += s.Incidents
	}
	return n
}

// ofTotal says a class by its share of the hours; where none are booked, of the
// tickets.
func ofTotal(c, all Tally) string {
	if all.Hours > 0 {
		return fmt.Sprintf("%s (%.0f %%)", hours(c.Hours), 100*c.Hours/all.Hours)
	}
	return fmt.Sprintf("%d (%.0f %%)", c.Tickets, 100*float64(c.Tickets)/float64(all.Tickets))
}

func hours(h float64) string { return fmt.Sprintf("%.1f h", h) }

func counted(n uint64, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// places names entries of a list: rules 2 and 5.
func places(what string, list []int) string {
	if len(list) == 1 {
		return fmt.Sprintf("%s %d", what, list[0])
	}
	parts := make([]string, len(list))
	for i, n := range list {
		parts[i] = strconv.Itoa(n)
	}
	last := len(parts) - 1
	return what + "s " + strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func verb(list []int, one, many string) string {
	if len(list) == 1 {
		return one
	}
	return many
}
