package standin

import (
	"io"
	"math"
	"math/rand/v2"
	"net"
	"sync"
)

// Wire passes bytes on to an address, and is cut at random places: in what the client sends, or in what comes back,
// from its first byte on, so that a statement may be done and its answer lost.
type Wire struct {
	Address string

	to       string
	listener net.Listener
	mu       sync.Mutex
	random   *rand.Rand
	left     int
	cut      int
	open     map[net.Conn]bool
	wait     sync.WaitGroup
}

// Connect lays a wire that is cut so many times and then holds.
func Connect(to string, cuts int, seed uint64) (*Wire, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &Wire{Address: listener.Addr().String(), to: to, listener: listener, random: rand.New(rand.NewPCG(seed, 0)), left: cuts, open: map[net.Conn]bool{}}
	w.wait.Go(w.accept)
	return w, nil
}

// Cuts is how often it was cut so far.
func (w *Wire) Cuts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.cut
}

// Close cuts all and listens no more.
func (w *Wire) Close() error {
	err := w.listener.Close()
	w.mu.Lock()
	for conn := range w.open {
		conn.Close()
	}
	w.mu.Unlock()
	w.wait.Wait()
	return err
}

func (w *Wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			client.Close()
			continue
		}
		w.mu.Lock()
		w.open[client], w.open[server] = true, true
		// Most statements are short: as many cuts in the first kilobytes as in the next ten, and so on.
		after, up := int64(math.Pow(10, 2.2+3.4*w.random.Float64())), w.random.IntN(2) == 0
		w.mu.Unlock()
		both := func() {
			client.Close()
			server.Close()
			w.mu.Lock()
			delete(w.open, client)
			delete(w.open, server)
			w.mu.Unlock()
		}
		w.wait.Go(func() { w.pass(server, client, up, after); both() })
		w.wait.Go(func() { w.pass(client, server, !up, after); both() })
	}
}

// pass copies one direction, where it is the one to be cut up to the given byte.
func (w *Wire) pass(to, from net.Conn, cut bool, after int64) {
	if cut {
		if n, err := io.CopyN(to, from, after); n < after || err != nil {
			return
		}
		next := make([]byte, 1)
		if _, err := io.ReadFull(from, next); err != nil || w.sever() {
			return
		}
		if _, err := to.Write(next); err != nil {
			return
		}
	}
	io.Copy(to, from)
}

// sever says whether there is a cut left, and takes it.
func (w *Wire) sever() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left == 0 {
		return false
	}
	w.left--
	w.cut++
	return true
}
