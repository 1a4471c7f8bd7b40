package chromium

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long one page may take in all.
const patience = 5 * time.Minute

// Light and Dark are what a reader's system prefers.
const (
	Light = "light"
	Dark  = "dark"
)

// View is how a page is looked at. The zero view is a light desktop.
type View struct {
	Width, Height int64
	Scheme        string // Light or Dark
	Scriptless    bool   // no script of the page runs
}

// Page is one file, open in a tab of its own.
type Page struct {
	ctx   context.Context
	close func()

	mu   sync.Mutex
	seen Seen
}

// Seen is what a page did that a reader does not see.
type Seen struct {
	Messages []string // of the console, exceptions and refusals of the policy included
	Requests []string // to anything but the file itself
	Dialogs  int      // that a script opened
}

// Silent is true of a page that did none of it.
func (s Seen) Silent() bool { return len(s.Messages)+len(s.Requests)+s.Dialogs == 0 }

// Open opens a file and waits until it is loaded.
func (b *Browser) Open(file string, v View) (*Page, error) {
	fail := func(err error) (*Page, error) { return nil, fmt.Errorf("open %s: %w", file, err) }
	path, err := filepath.Abs(file)
	if err != nil {
		return fail(err)
	}
	if v.Width == 0 {
		v.Width = 1440
	}
	if v.Height == 0 {
		v.Height = 900
	}
	tab, cancel := chromedp.NewContext(b.ctx)
	tab, stop := context.WithTimeout(tab, patience)
	p := &Page{ctx: tab, close: func() { stop(); cancel() }}
	address := (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String()
	if err := p.open(address, v); err != nil {
		p.Close()
		return fail(err)
	}
	return p, nil
}

func (p *Page) open(address string, v View) error {
	if err := chromedp.Listen(p.ctx, func(event any) { p.hear(event, address) }); err != nil {
		return err
	}
	if err := call(p, network.Enable, network.EnableParams{}); err != nil {
		return err
	}
	if err := p.Emulate("", v.Scheme); err != nil {
		return err
	}
	if v.Scriptless {
		if err := call(p, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			return err
		}
	}
	return chromedp.Do(p.ctx, chromedp.EmulateViewport(v.Width, v.Height), chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("body")))
}

func (p *Page) hear(event any, address string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		p.seen.Messages = append(p.seen.Messages, string(e.Type)+" from the page's own script")
	case *runtime.EventExceptionThrown:
		p.seen.Messages = append(p.seen.Messages, (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
	case *log.EventEntryAdded:
		p.seen.Messages = append(p.seen.Messages, e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if asked, _, _ := strings.Cut(e.Request.URL, "#"); asked != address && asked != "data:," {
			p.seen.Requests = append(p.seen.Requests, e.Request.URL)
		}
	case *page.EventJavascriptDialogOpening:
		p.seen.Dialogs++
		go chromedp.Call(p.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
	}
}

// Close closes the tab.
func (p *Page) Close() { p.close() }

// Seen returns what the page did so far that a reader does not see.
func (p *Page) Seen() Seen {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Seen{append([]string{}, p.seen.Messages...), append([]string{}, p.seen.Requests...), p.seen.Dialogs}
}

// Emulate sets the medium ("print", or "" for the screen) and the scheme that
// the reader's system prefers.
func (p *Page) Emulate(medium, scheme string) error {
	if scheme == "" {
		scheme = Light
	}
	return call(p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// Ask runs an expression in the page, waits for a promise, and reads its value.
func Ask[T any](p *Page, expression string) (T, error) {
	return chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// Press presses a key in what has the focus.
func (p *Page) Press(key string) error { return chromedp.Do(p.ctx, chromedp.KeyEvent(key)) }

// Click presses the mouse on the middle of the first element that matches.
func (p *Page) Click(selector string) error {
	return chromedp.Do(p.ctx, chromedp.Click(chromedp.CSS(selector)))
}

// Screenshot is a PNG of the whole page.
func (p *Page) Screenshot() ([]byte, error) { return chromedp.Run(p.ctx, chromedp.FullScreenshot(100)) }

func call[P, R any](p *Page, command cdp.Command[P, R], params P) error {
	if _, err := chromedp.Call(p.ctx, command, params); err != nil {
		return fmt.Errorf("%s: %w", command.Method, err)
	}
	return nil
}
