package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/srekpi/srekpi/reports/chromium"
	"github.com/srekpi/srekpi/reports/chromium/chromiumtest"
)

// The pages of the demo and of real incidents, as their readers open them: from
// a folder, in a browser.
func TestPages(t *testing.T) {
	in := chromiumtest.Browser(t)
	t.Run("demo", func(t *testing.T) {
		dir, _ := demo(t)
		pagesOf(t, in, filepath.Join(dir, "public"), map[string]bool{
			"index.html": false, "dictionary.html": false, "weekly/2026-10-05.html": true, "weekly/2026-10-12.html": false, "monthly/2026-09.html": true, "monthly/2026-10.html": false})
	})
	t.Run("GitHub", func(t *testing.T) {
		dir, _ := gitHubStatus(t)
		pagesOf(t, in, filepath.Join(dir, "github-status", "public"), map[string]bool{
			"index.html": false, "weekly/2026-08-17.html": true, "weekly/2026-08-24.html": false, "monthly/2026-07.html": true, "monthly/2026-08.html": false})
	})
}

// pagesOf looks at each page of a site; those of ended periods are also printed
// and held to what their first screen must show.
func pagesOf(t *testing.T, in *chromium.Browser, site string, pages map[string]bool) {
	found, err := filepath.Glob(filepath.Join(site, "*", "*.html"))
	listed := 0
	for page := range pages {
		if strings.Contains(page, "/") {
			listed++
		}
	}
	if err != nil || len(found) != listed {
		t.Errorf("pages %v, want %v (%v)", found, pages, err)
	}
	charts, sorted := 0, 0
	for page, ended := range pages {
		t.Run(page, func(t *testing.T) {
			file := filepath.Join(site, filepath.FromSlash(page))
			p := chromiumtest.Look(t, in, file, chromium.View{})
			if ended {
				firstScreen(t, p, page)
			}
			drawn := chromiumtest.Drawn(t, p)
			charts += drawn
			chromiumtest.Linked(t, p, file)
			if ended {
				sorted += chromiumtest.Sorts(t, p)
			}
			chromiumtest.OpenAll(t, p)
			chromiumtest.Thin(t, p)
			chromiumtest.Accessible(t, p, "light")
			chromiumtest.Scheme(t, p, chromium.Dark)
			chromiumtest.Contrasting(t, p, "dark")
			chromiumtest.Silent(t, p)
			for _, width := range []int64{320, 768} {
				narrow := chromiumtest.Look(t, in, file, chromium.View{Width: width})
				chromiumtest.Fits(t, narrow)
				chromiumtest.Silent(t, narrow)
			}
			plain := chromiumtest.Look(t, in, file, chromium.View{Scriptless: true})
			if strings.Contains(page, "/") {
				chromiumtest.Plain(t, plain)
			}
			chromiumtest.Silent(t, plain)
			if ended {
				paper := chromiumtest.Look(t, in, file, chromium.View{Scheme: chromium.Dark})
				chromiumtest.Printed(t, paper)
				chromiumtest.Silent(t, paper)
			}
		})
	}
	if charts == 0 || sorted == 0 {
		t.Errorf("%d charts, %d tables to sort", charts, sorted)
	}
}

// firstScreen is what a reader must see without scrolling.
func firstScreen(t *testing.T, p *chromium.Page, page string) {
	t.Helper()
	if strings.HasPrefix(page, "monthly/") {
		chromiumtest.InFirstScreen(t, p, "#verdict .verdict", "#verdict .sure", "#verdict .asked")
		return
	}
	answers := "#exceptions > ol > li"
	if chromiumtest.Ask[bool](t, p, `document.querySelector("#exceptions > .lead, #exceptions > p") !== null && !document.querySelector("#exceptions > ol > li")`) {
		answers = "#exceptions" // a quiet week: one sentence
	}
	chromiumtest.InFirstScreen(t, p, answers)
}

// TestPDF prints what is over; without a
// browser the pages are there and the result is a partial one.
func TestPDF(t *testing.T) {
	built, _ := demo(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(built)); err != nil {
		t.Fatal(err)
	}
	report := []string{"report", "monthly", "-c", "demo/srekpi.yml", "--pdf"}
	file := filepath.Join(dir, "public", "monthly", "2026-09.pdf")
	out := srekpi(t, dir, exitDone, report...)
	if !strings.HasSuffix(out, "monthly/2026-10.html  draft\nmonthly/2026-09.pdf\n") {
		t.Errorf("report --pdf says\n%s", out)
	}
	printed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"%PDF-", "/Title (Monthly reliability review: September 2026)", "/CreationDate (D:20261006070000+00'00')", "/Marked true", "/Outlines "} {
		if !bytes.Contains(printed, []byte(want)) {
			t.Errorf("the PDF has no %s", want)
		}
	}
	if found, _ := filepath.Glob(filepath.Join(dir, "public", "*", "*.pdf")); len(found) != 1 {
		t.Errorf("PDFs: %v", found)
	}

	page := filepath.Join(dir, "public", "monthly", "2026-09.html")
	for _, gone := range []string{file, page} {
		if err := os.Remove(gone); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(chromium.Variable, filepath.Join(dir, "no-browser"))
	code, log := logged(t, dir, report...)
	if code != exitPartial || !strings.Contains(log, "no PDF was written of monthly/2026-09.html: no Chromium found") || !strings.Contains(log, "print the pages from any browser") {
		t.Errorf("without a browser: exit code %d\n%s", code, log)
	}
	if _, err := os.Stat(page); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a PDF without a browser")
	}
	srekpi(t, dir, exitUsage, "report", "weekly", "-o", "-", "--pdf")
}
