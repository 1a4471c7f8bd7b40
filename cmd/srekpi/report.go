package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/srekpi/srekpi/metrics"
	"github.com/srekpi/srekpi/reports"
)

var documents = []string{metrics.Weekly, metrics.Monthly}

func reportCommand() *cobra.Command {
	var path, asOf, output, format string
	var issue, all, email, pdf bool
	c := &cobra.Command{
		Use:   "report [weekly|monthly]",
		Short: "Write the pages of the running and the just-ended period",
		Long: `Write the pages of the running and the just-ended period from what was published
last; without a word, both documents. A page is a draft until its period is issued: by
the first run that has all of it, or with --issue. Issuing freezes its figures.

With --all, every period of the collected history, as known now: one that was never
issued is marked as rebuilt, an issued one shows what it printed then beside it.

--format md (for a chat or a wiki page) and --format json (for other tools) print the
just-ended period instead, or write it to a file with -o. --email writes a draft for a
mail program beside each page of a just-ended period: open it, say to whom, send it.`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 1 || len(args) == 1 && args[0] != metrics.Weekly && args[0] != metrics.Monthly {
				return usageError{fmt.Errorf("report takes weekly or monthly, not %q; see `srekpi report --help`", args)}
			}
			return nil
		},
		ValidArgs: documents,
		RunE: func(c *cobra.Command, args []string) error {
			order := reportOrder{documents: args, issue: issue, all: all, format: format, output: output, email: email, pdf: pdf, out: c.OutOrStdout()}
			if err := order.check(); err != nil {
				return usageError{err}
			}
			work := func(ws *workspace) error {
				if err := ws.computedFor(c.Context(), asOf); err != nil {
					return err
				}
				return ws.report(c.Context(), order)
			}
			if issue {
				return writing(c.Context(), path, c.ErrOrStderr(), work)
			}
			return reading(c.Context(), path, c.ErrOrStderr(), work)
		},
	}
	configFlag(c, &path)
	asOfFlag(c, &asOf)
	c.Flags().BoolVar(&issue, "issue", false, "issue the just-ended period now and freeze its figures")
	c.Flags().BoolVar(&all, "all", false, "write the pages of every period of the collected history")
	c.Flags().StringVar(&format, "format", reports.HTML, "html: pages; md or json: print the just-ended period for a chat, a wiki page, another tool")
	c.Flags().StringVarP(&output, "output", "o", "", `"-" prints the just-ended period instead of writing files; with --format md or json also a file's name`)
	c.Flags().BoolVar(&email, "email", false, "also write the just-ended period as a draft for a mail program (.eml) beside its page")
	c.Flags().BoolVar(&pdf, "pdf", false, "also print the pages of ended periods as PDF, with the Chromium that is found")
	return c
}

// reportOrder says what to write.
type reportOrder struct {
	documents []string // none: all
	issue     bool     // issue the just-ended period
	issueDue  bool     // issue what is due
	all       bool     // every period, not the running and the just-ended one alone
	format    string   // of one report; empty or html: the pages
	output    string   // one report to a file, "-": to out; empty: the pages of the site
	email     bool     // a draft beside each page of a just-ended period
	pdf       bool     // a PDF beside each page of an ended period
	out       io.Writer
}

// single says that one report is wanted, and no pages.
func (o reportOrder) single() bool { return o.output != "" || o.other() }

// other says that the format is not that of the pages.
func (o reportOrder) other() bool { return o.format != "" && o.format != reports.HTML }

// check refuses what cannot be meant.
func (o reportOrder) check() error {
	formats := []string{reports.HTML, reports.Markdown, reports.JSON}
	switch {
	case !slices.Contains(formats, o.format):
		return fmt.Errorf("--format %q is none of %s; a mail is written with --email", o.format, strings.Join(formats, ", "))
	case (o.email || o.pdf) && o.single():
		return errors.New("--email and --pdf write files beside the pages: leave out --format and -o")
	case o.all && o.single():
		return errors.New("--all writes the pages of every period: leave out --format and -o")
	case o.other() && o.issue:
		return fmt.Errorf("--issue writes pages: `srekpi report --issue` first, then `srekpi report weekly --format %s`", o.format)
	case o.other() && len(o.documents) != 1:
		return fmt.Errorf("--format %s writes one report: `srekpi report weekly --format %s`", o.format, o.format)
	case o.other() || o.output == "":
		return nil
	case o.output != "-" || len(o.documents) != 1 || o.issue:
		return errors.New("-o - prints one page: `srekpi report weekly -o -`; a file of your own takes --format md or json")
	}
	return nil
}

// reading opens what was published last, does the work and closes.
func reading(ctx context.Context, path string, out io.Writer, work func(*workspace) error) (err error) {
	ws, err := openReader(ctx, path, out)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ws.wh.Close()) }()
	return work(ws)
}

// computedFor refuses another clock than the one that the tables were computed
// for: a page must not show what was not yet known.
func (ws *workspace) computedFor(ctx context.Context, asOf string) error {
	if asOf == "" {
		return nil
	}
	at, err := moment(asOf, ws.cfg.Location())
	if err != nil {
		return err
	}
	e, err := metrics.EditionOf(ctx, ws.wh, ws.cfg.Location())
	if err != nil {
		return err
	}
	if !e.AsOf.Equal(at) {
		return usageError{fmt.Errorf("the tables were computed as of %s; run `srekpi transform --as-of %q` first", e.AsOf.Format(time.RFC3339), asOf)}
	}
	return nil
}

// report writes pages and the index, the index last.
func (ws *workspace) report(ctx context.Context, order reportOrder) error {
	e, err := metrics.EditionOf(ctx, ws.wh, ws.cfg.Location())
	if err != nil {
		return err
	}
	if len(order.documents) == 0 {
		order.documents = documents
	}
	ws.warnOfLateSources(e)
	ws.tally.edition = e
	o := ws.reportOptions(e.AsOf)
	var standing *reports.Standing
	if !order.single() {
		if standing, err = reports.OpenStanding(ctx, ws.wh, o); err != nil {
			return err
		}
	}
	var tasks []task
	var over []string // the pages of ended periods
	for _, document := range order.documents {
		running, ended := e.Current(document)
		if order.single() {
			return ws.single(ctx, o, e, order, document, ended, running)
		}
		due, err := ws.toIssue(e, document, ended, order)
		if err != nil {
			return err
		}
		pages := append([]metrics.Period{}, due...)
		if order.all {
			pages = e.Past(document)
		}
		for _, p := range []*metrics.Period{ended, running} {
			if p != nil && !holds(pages, *p) {
				pages = append(pages, *p)
			}
		}
		for _, p := range pages {
			tasks = append(tasks, task{alone: holds(due, p), do: func(ctx context.Context) (string, error) {
				return ws.page(ctx, o, e, standing, document, p, holds(due, p))
			}})
			if !p.EndsAt.After(e.AsOf) {
				over = append(over, document+"/"+p.Slug()+".html")
			}
		}
		if order.email && ended != nil {
			tasks = append(tasks, task{alone: true, do: func(ctx context.Context) (string, error) {
				return ws.draftMail(ctx, o, document, *ended)
			}})
		}
	}
	tasks = append(tasks, task{do: func(ctx context.Context) (string, error) { return "", ws.dictionary(ctx) }})
	if err := perform(ctx, tasks, order.out); err != nil {
		return err
	}
	if err := errors.Join(reports.WriteIndex(o), standing.Save()); err != nil || !order.pdf {
		return err
	}
	return paper(ctx, o, over, order.out)
}

// single writes one report of the just-ended period, of the running one where
// none has ended.
func (ws *workspace) single(ctx context.Context, o reports.Options, e *metrics.Edition, order reportOrder, document string, ended, running *metrics.Period) error {
	if ended == nil {
		ended = running
	}
	if ended == nil {
		return fmt.Errorf("no %s period lies in the collected history; `srekpi sql \"SELECT * FROM sources\"` shows its range", document)
	}
	if !order.other() {
		_, err := reports.RenderTo(ctx, ws.wh, o, document, *ended, e.Issue(document, *ended), order.out)
		return err
	}
	if order.output == "" || order.output == "-" {
		_, err := reports.ExportTo(ctx, ws.wh, o, order.format, document, *ended, e.Issue(document, *ended), order.out)
		return err
	}
	return reports.ExportFile(ctx, ws.wh, o, order.format, document, *ended, e.Issue(document, *ended), order.output)
}

// draftMail writes a period as a mail that is not sent yet.
func (ws *workspace) draftMail(ctx context.Context, o reports.Options, document string, p metrics.Period) (string, error) {
	e, err := metrics.EditionOf(ctx, ws.wh, ws.cfg.Location()) // it may have been issued just now
	if err != nil {
		return "", err
	}
	mail, err := reports.Export(ctx, ws.wh, o, reports.Mail, document, p, e.Issue(document, p))
	if err != nil {
		return "", err
	}
	return mail.Path + "  mail", nil
}

// late is how far a source may lie behind before a run says so: cron reports
// what it prints, and a feed that dried up is noticed by nobody else.
const late = 48 * time.Hour

func (ws *workspace) warnOfLateSources(e *metrics.Edition) {
	for _, s := range e.Sources {
		switch {
		case s.To == nil:
			ws.log.Warn(s.Source+" has delivered nothing; no period is issued until it does", logStage, "report")
		case e.AsOf.Sub(*s.To) > late:
			ws.log.Warn(fmt.Sprintf("%s ends at %s; no later period is issued. Bring newer data, or say in covers: what it is complete for", s.Source, s.To.Format("2006-01-02 15:04")), logStage, "report")
		}
	}
}

// toIssue lists the periods of a document that this report issues.
func (ws *workspace) toIssue(e *metrics.Edition, document string, ended *metrics.Period, order reportOrder) ([]metrics.Period, error) {
	if order.issueDue {
		return metrics.Due(document, e.Periods, e.Slowest, e.AsOf, e.Issues, ws.cfg.Location(), ws.cfg.Monthly.IssueOnWorkday), nil
	}
	if !order.issue {
		return nil, nil
	}
	if ended == nil {
		return nil, fmt.Errorf("nothing to issue: no %s period has ended within the collected history", document)
	}
	if i := e.Issue(document, *ended); i != nil {
		return nil, fmt.Errorf("the %s report of %s was issued %s already; the figures of that day are kept in published_values", document, ended.Label, i.IssuedAt.Format(time.RFC3339))
	}
	return []metrics.Period{*ended}, nil
}

// page writes one page, unless it would come out as it lies there, and, when it is
// issued now, freezes what it printed. A crash in between issues it again: the page
// first, the record of it last.
func (ws *workspace) page(ctx context.Context, o reports.Options, e *metrics.Edition, standing *reports.Standing, document string, p metrics.Period, issueNow bool) (string, error) {
	issue := e.Issue(document, p)
	if state, ok := standing.Stands(document, p, issue); ok && !issueNow {
		ws.tally.wrote(false)
		return document + "/" + p.Slug() + ".html  " + state, nil
	}
	if issueNow {
		issue = &metrics.Issue{Document: document, PeriodStart: p.Start, IssuedAt: e.AsOf, DataAsOf: e.DataAsOf, Definition: e.Definition}
	}
	page, err := reports.Render(ctx, ws.wh, o, document, p, issue)
	if err != nil {
		return "", err
	}
	if issueNow {
		if err := metrics.Publish(ctx, ws.wh, document, p, issue.IssuedAt, issue.DataAsOf, issue.Definition, page.Printed); err != nil {
			return "", err
		}
		if err := standing.Issued(ctx, ws.wh); err != nil {
			return "", err
		}
	}
	if err := standing.Wrote(page, issue); err != nil {
		return "", err
	}
	ws.tally.wrote(issueNow)
	return page.Path + "  " + page.State, nil
}

func (ws *workspace) reportOptions(asOf time.Time) reports.Options {
	major := make([]uint8, len(ws.cfg.Incidents.Major))
	for i, s := range ws.cfg.Incidents.Major {
		major[i] = uint8(s)
	}
	return reports.Options{Dir: ws.cfg.Resolve(ws.cfg.Reports.Dir), Title: ws.cfg.Reports.Title, URL: ws.cfg.Reports.URL, Location: ws.cfg.Location(),
		AsOf: asOf, WeekEnd: weekEnd(ws.cfg), Major: major, Workday: ws.cfg.Monthly.IssueOnWorkday}
}

func holds(ps []metrics.Period, p metrics.Period) bool {
	for _, q := range ps {
		if q.Kind == p.Kind && q.Start.Equal(p.Start) {
			return true
		}
	}
	return false
}
