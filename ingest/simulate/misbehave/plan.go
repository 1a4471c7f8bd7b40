package misbehave

import (
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
)

// inARow is how often one request fails at most until it is answered.
const inARow = 3

// Always is the plan that has one fault for each request.
func Always(fault Fault) func(int, *http.Request) Fault {
	return func(int, *http.Request) Fault { return fault }
}

// First is the plan whose first requests have these faults, in this order.
func First(faults ...Fault) func(int, *http.Request) Fault {
	return func(n int, _ *http.Request) Fault {
		if n < len(faults) {
			return faults[n]
		}
		return None
	}
}

// Random is a plan that lets a share of all requests (0 to 1) fail, each with
// one of the faults. It is the same for the same seed: what happens to a request
// (method, URL and body) depends on how often it came, not on what came between.
// It fails three times in a row at most, so a client with three retries gets
// through.
func Random(seed uint64, share float64, faults ...Fault) func(int, *http.Request) Fault {
	var mu sync.Mutex
	type past struct{ seen, row uint64 }
	pasts := make(map[uint64]*past)
	return func(_ int, r *http.Request) Fault {
		which := fnv.New64a()
		_, _ = io.WriteString(which, r.Method+" "+r.URL.RequestURI()+"\n")
		_, _ = io.Copy(which, r.Body)

		mu.Lock()
		defer mu.Unlock()
		p := pasts[which.Sum64()]
		if p == nil {
			p = new(past)
			pasts[which.Sum64()] = p
		}
		p.seen++
		random := rand.New(rand.NewPCG(seed^p.seen*0x9e3779b97f4a7c15, which.Sum64()))
		if len(faults) == 0 || p.row == inARow || random.Float64() >= share {
			p.row = 0
			return None
		}
		p.row++
		return faults[random.IntN(len(faults))]
	}
}
