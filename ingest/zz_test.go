package ingest
import ("testing";"time";"fmt";"net/http"
	"github.com/srekpi/srekpi/ingest/simulate/jiraapi")
func TestZZ(t *testing.T) {
	j := jiraapi.Sample(20000, deskNow.Add(-time.Hour))
	d := newDesk(t, nil, j, jiraapi.Options{})
	for range 2 {
	d.wipe()
	began := time.Now()
	last := ""
	n := 0
	d.watch(func(_ int, r *http.Request) { if r.URL.Path != last { fmt.Println(time.Since(began).Round(time.Millisecond), n, r.URL.Path); last = r.URL.Path; n=0 }; n++ })
	d.sync(func(o *Options) { o.Progress = func(p Progress) { fmt.Println(time.Since(began).Round(time.Millisecond), "landed", p.Records) } })
	fmt.Println(time.Since(began), "end")
	}
}
