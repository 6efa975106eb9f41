package fetch

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

var content = bytes.Repeat([]byte("0123456789abcdef"), 20000) // 320 kB

func wanted() File {
	return File{Name: "f.gz", SHA256: fmt.Sprintf("%x", sha256.Sum256(content)), MD5: fmt.Sprintf("%x", md5.Sum(content))}
}

// serve serves the content, with ranges, unless before handles the request first.
func serve(t *testing.T, before func(n int32, w http.ResponseWriter, r *http.Request) bool) (base string, requests *atomic.Int32) {
	requests = new(atomic.Int32)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := requests.Add(1); before == nil || !before(n, w, r) {
			http.ServeContent(w, r, "f", time.Time{}, bytes.NewReader(content))
		}
	}))
	t.Cleanup(s.Close)
	return s.URL + "/", requests
}

// cut sends the first part of the content and breaks the connection.
func cut(w http.ResponseWriter, n int) {
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content[:n])
	w.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}

func check(t *testing.T, path string, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.Equal(b, content) {
		t.Fatalf("%s: %d bytes, %v", path, len(b), err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) != 1 {
		t.Fatalf("left behind: %v", entries)
	}
}

func TestFetchOnce(t *testing.T) {
	base, requests := serve(t, nil)
	var last, total int64
	c := Config{Dir: filepath.Join(t.TempDir(), "new", "folder"), Bases: []string{base}, Progress: func(_ string, d, n int64) { last, total = d, n }}
	for range 2 {
		path, err := Get(context.Background(), c, wanted())
		check(t, path, err)
	}
	if requests.Load() != 1 || last != int64(len(content)) || total != last {
		t.Errorf("%d requests, progress %d of %d", requests.Load(), last, total)
	}
}

func TestCutConnectionIsResumed(t *testing.T) {
	var ranges []string
	base, _ := serve(t, func(n int32, w http.ResponseWriter, r *http.Request) bool {
		ranges = append(ranges, r.Header.Get("Range"))
		if n == 1 {
			cut(w, 100000)
		}
		return false
	})
	path, err := Get(context.Background(), Config{Dir: t.TempDir(), Bases: []string{base}}, wanted())
	check(t, path, err)
	if !slices.Equal(ranges, []string{"", "bytes=100000-"}) {
		t.Errorf("ranges %q", ranges)
	}
}

func TestServerWithoutRanges(t *testing.T) {
	dir := t.TempDir()
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write(content)
		return true
	})
	if err := os.WriteFile(filepath.Join(dir, "f.gz.part"), content[:500], 0o666); err != nil {
		t.Fatal(err)
	}
	path, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
	check(t, path, err)
}

func TestSpoiltRestIsFetchedAgain(t *testing.T) {
	for _, rest := range [][]byte{[]byte("spoilt"), make([]byte, len(content)), make([]byte, len(content)+9)} {
		dir := t.TempDir()
		base, _ := serve(t, nil)
		if err := os.WriteFile(filepath.Join(dir, "f.gz.part"), rest, 0o666); err != nil {
			t.Fatal(err)
		}
		path, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
		check(t, path, err)
	}
}

func TestRedirect(t *testing.T) {
	target, _ := serve(t, nil)
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, target+"elsewhere", http.StatusFound)
		return true
	})
	path, err := Get(context.Background(), Config{Dir: t.TempDir(), Bases: []string{base}}, wanted())
	check(t, path, err)
}

func TestWrongChecksumThenMirror(t *testing.T) {
	wrong, requests := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write([]byte("<html>sign in</html>"))
		return true
	})
	gone, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
		http.Error(w, "gone", http.StatusNotFound)
		return true
	})
	dir := t.TempDir()
	_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{wrong, gone}}, wanted())
	for _, want := range []string{wrong + "f.gz (SHA-256 of ", "expected " + wanted().SHA256, gone + "f.gz (answer 404 Not Found)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q, want %q in it", err, want)
		}
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 || requests.Load() != 1 {
		t.Errorf("left behind %v after %d requests", entries, requests.Load())
	}
	good, _ := serve(t, nil)
	path, err := Get(context.Background(), Config{Dir: dir, Bases: []string{wrong, gone, good}}, wanted())
	check(t, path, err)
}

// full fails as a disk without space does.
type full struct {
	*os.File
	room *int
}

var errNoSpace = errors.New("no space left on device")

func (f full) Write(b []byte) (int, error) {
	if len(b) > *f.room {
		return 0, &fs.PathError{Op: "write", Path: f.Name(), Err: errNoSpace}
	}
	*f.room -= len(b)
	return f.File.Write(b)
}

func TestNoSpace(t *testing.T) {
	base, requests := serve(t, nil)
	room := 70000
	c := Config{Dir: t.TempDir(), Bases: []string{base, base}, Open: func(path string, flag int) (Sink, error) {
		f, err := os.OpenFile(path, flag, 0o666)
		return full{f, &room}, err
	}}
	_, err := Get(context.Background(), c, wanted())
	if !errors.Is(err, errNoSpace) || !strings.Contains(err.Error(), "f.gz.part: no space left on device") || requests.Load() != 1 {
		t.Fatalf("error %v after %d requests", err, requests.Load())
	}
	room = 1 << 20 // what is there is used when there is space again
	path, err := Get(context.Background(), c, wanted())
	check(t, path, err)
}

func TestOffline(t *testing.T) {
	base, _ := serve(t, nil)
	s := httptest.NewServer(nil)
	s.Close() // nothing listens there now
	_, err := Get(context.Background(), Config{Dir: t.TempDir(), Bases: []string{s.URL + "/", s.URL + "/second/"}}, wanted())
	if err == nil || !strings.Contains(err.Error(), s.URL+"/f.gz (") || !strings.Contains(err.Error(), s.URL+"/second/f.gz (") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Get(context.Background(), Config{Dir: filepath.Join(file, "below"), Bases: []string{base}}, wanted()); err == nil {
		t.Error("a folder below a file")
	}
}

func TestCancelAndStall(t *testing.T) {
	hold := make(chan struct{})
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Length", strconv.Itoa(len(content)))
		_, _ = w.Write(content[:1000])
		w.(http.Flusher).Flush()
		select {
		case <-hold:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	})
	defer close(hold)
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Get(ctx, Config{Dir: t.TempDir(), Bases: []string{base}, Progress: func(string, int64, int64) { cancel() }}, wanted())
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	_, err = Get(context.Background(), Config{Dir: t.TempDir(), Bases: []string{base}, Stall: 20 * time.Millisecond}, wanted())
	if err == nil || !strings.Contains(err.Error(), "nothing received for 20ms") {
		t.Errorf("stalled: %v", err)
	}
}
