package reports

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a headless Chromium with a profile of its own. Without one the
// test fails: a page that nobody looked at is not tested.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no Chromium: these tests look at the pages as a reader does; install it (Debian: apt-get install chromium)")
	}
	flags := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun}
	for _, name := range []string{"disable-background-networking", "disable-component-update", "disable-sync"} {
		flags = append(flags, chromedp.Flag(name, true))
	}
	allocated, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), flags...)
	ctx, cancel := chromedp.NewContext(allocated)
	t.Cleanup(func() { cancel(); stop() })
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// sight is one page as a reader sees it.
type sight struct {
	ctx      context.Context
	mu       sync.Mutex
	messages []string // of the console: errors and refusals of the policy included
	requests []string // but for the file itself
	dialogs  int      // opened by a script that should not run
}

// look opens a file in a tab of its own, so wide, in light or dark.
func look(t *testing.T, in context.Context, path string, width int64, scheme string) *sight {
	t.Helper()
	tab, cancel := chromedp.NewContext(in)
	tab, stop := context.WithTimeout(tab, 90*time.Second)
	t.Cleanup(func() { stop(); cancel() })
	s := &sight{ctx: tab}
	address := "file://" + path
	err := chromedp.Listen(tab, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventConsoleAPICalled:
			s.messages = append(s.messages, string(e.Type)+" from the page's own script")
		case *runtime.EventExceptionThrown:
			s.messages = append(s.messages, (&chromedp.ExceptionError{ExceptionDetails: e.ExceptionDetails}).Error())
		case *log.EventEntryAdded:
			s.messages = append(s.messages, e.Entry.Text)
		case *network.EventRequestWillBeSent:
			if url := e.Request.URL; !strings.HasPrefix(url, address) && url != "data:," {
				s.requests = append(s.requests, url)
			}
		case *page.EventJavascriptDialogOpening:
			s.dialogs++
			go chromedp.Call(tab, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{})
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	call(t, s, network.Enable, network.EnableParams{})
	s.scheme(t, scheme)
	if err := chromedp.Do(tab, chromedp.EmulateViewport(width, 900), chromedp.Navigate(address), chromedp.WaitReady(chromedp.CSS("body"))); err != nil {
		t.Fatalf("open %s: %v", path, err)
	}
	return s
}

// scheme sets light or dark, as the reader's system would.
func (s *sight) scheme(t *testing.T, scheme string) {
	t.Helper()
	call(t, s, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// seen returns what the page did that it should not.
func (s *sight) seen() (messages, requests []string, dialogs int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.messages, s.requests, s.dialogs
}

// ask runs an expression in the page and reads its value.
func ask[T any](t *testing.T, s *sight, expression string) T {
	t.Helper()
	out, err := chromedp.Run(s.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%v\n%s", err, clip(expression, 300))
	}
	return out
}

// picture keeps what was seen, for a person to look at: SREKPI_LOOK names the folder.
func (s *sight) picture(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("SREKPI_LOOK")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(s.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = write(filepath.Join(dir, name+".png"), png)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// paper prints the page on A4.
func (s *sight) paper(t *testing.T) []byte {
	t.Helper()
	pdf, err := chromedp.Run(s.ctx, chromedp.PrintToPDF(chromedp.PDFPreferCSSPageSize(), chromedp.PDFPrintBackground()))
	if err != nil {
		t.Fatalf("print: %v", err)
	}
	return pdf
}

func call[P, R any](t *testing.T, s *sight, command cdp.Command[P, R], params P) {
	t.Helper()
	if _, err := chromedp.Call(s.ctx, command, params); err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
}
