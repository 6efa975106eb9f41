package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"elegans/internal/regular"
)

// failed checks that a download ended in one line with the given part, and that nothing is left in
// its folder.
func failed(t *testing.T, name, dir string, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\x1b") {
		t.Errorf("%s: error %v, want %q in one line", name, err, want)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Errorf("%s: left behind %v", name, entries)
	}
}

func TestEndlessBody(t *testing.T) {
	f := wanted()
	f.Most = int64(len(content))
	for _, header := range []string{"", strconv.Itoa(1 << 40)} {
		base, requests := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
			if header != "" {
				w.Header().Set("Content-Length", header)
			}
			for {
				if _, err := w.Write(content); err != nil {
					panic(http.ErrAbortHandler)
				}
			}
		})
		dir := t.TempDir()
		_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, f)
		failed(t, "Content-Length "+header, dir, err, "more than 320000 bytes")
		if n := requests.Load(); n != 1 {
			t.Errorf("%d requests", n)
		}
	}
}

// TestSlow is a server that sends a byte now and then, for ever. The time that is measured is made
// short; a slow machine only sends less in it.
func TestSlow(t *testing.T) {
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, r *http.Request) bool {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte{'x'})
			w.(http.Flusher).Flush()
			time.Sleep(time.Millisecond)
		}
		panic(http.ErrAbortHandler)
	})
	c := Config{Dir: t.TempDir(), Bases: []string{base}, Stall: 100 * time.Millisecond, Slow: 1 << 20}
	_, err := Get(context.Background(), c, wanted())
	if err == nil || !strings.Contains(err.Error(), " bytes received in 100ms, expected at least 1048576") {
		t.Errorf("error %v", err)
	}
}

func TestWrongPartialContent(t *testing.T) {
	const have = 500
	end := len(content) - 1
	for name, c := range map[string]struct {
		header string
		body   int // bytes from have on
	}{
		"another place":     {fmt.Sprintf("bytes 400-%d/%d", end, len(content)), len(content) - have},
		"a longer place":    {fmt.Sprintf("bytes 5000-%d/%d", end, len(content)), len(content) - have},
		"no header":         {"", len(content) - have},
		"no bytes":          {fmt.Sprintf("octets %d-%d/%d", have, end, len(content)), len(content) - have},
		"an end before":     {fmt.Sprintf("bytes %d-%d/%d", have, have-1, len(content)), len(content) - have},
		"not to the end":    {fmt.Sprintf("bytes %d-%d/%d", have, end, 2*len(content)), len(content) - have},
		"other length":      {fmt.Sprintf("bytes %d-%d/%d", have, end, len(content)), 10},
		"control character": {fmt.Sprintf("bytes \t-%d/%d", end, len(content)), len(content) - have},
	} {
		dir := t.TempDir()
		part := filepath.Join(dir, "f.gz.part")
		if err := os.WriteFile(part, content[:have], 0o666); err != nil {
			t.Fatal(err)
		}
		base, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
			if c.header != "" {
				w.Header().Set("Content-Range", c.header)
			}
			w.Header().Set("Content-Length", strconv.Itoa(c.body))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(content[have : have+c.body])
			return true
		})
		_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
		if err == nil || !strings.Contains(err.Error(), "answer 206 Partial Content with Content-Range ") || strings.Contains(err.Error(), "\t") {
			t.Errorf("%s: error %v", name, err)
		}
		// Another mirror goes on with what there is.
		if b, err := os.ReadFile(part); err != nil || len(b) != have {
			t.Errorf("%s: %d bytes of %d, %v", name, len(b), have, err)
		}
	}
	// Nobody asked for a part.
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Range", fmt.Sprintf("bytes 0-%d/%d", end, len(content)))
		w.WriteHeader(http.StatusPartialContent)
		_, _ = w.Write(content)
		return true
	})
	dir := t.TempDir()
	_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
	failed(t, "unasked", dir, err, "answer 206 Partial Content")
}

func TestPartIsALink(t *testing.T) {
	base, _ := serve(t, nil)
	dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("keep me"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, "f.gz.part")); err != nil {
		t.Skip(err)
	}
	path, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
	check(t, path, err)
	if b, err := os.ReadFile(victim); err != nil || string(b) != "keep me" {
		t.Errorf("behind the link: %q, %v", b, err)
	}
	if st, err := os.Lstat(path); err != nil || !st.Mode().IsRegular() {
		t.Errorf("%v, %v", st, err)
	}
	// A link that appears between the check and the opening is not written through either.
	link := filepath.Join(dir, "late.part")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	if _, err := openPart(link, os.O_WRONLY|os.O_CREATE|os.O_TRUNC); err == nil || !strings.Contains(err.Error(), "a link or no file") {
		t.Errorf("a late link: %v", err)
	}
	if b, err := os.ReadFile(victim); err != nil || string(b) != "keep me" {
		t.Errorf("behind the late link: %q, %v", b, err)
	}
}

func TestPartIsNoFile(t *testing.T) {
	base, requests := serve(t, nil)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "f.gz.part"), 0o777); err != nil {
		t.Fatal(err)
	}
	_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base, base}}, wanted())
	if !errors.Is(err, regular.ErrNotRegular) || requests.Load() != 0 {
		t.Errorf("%v after %d requests", err, requests.Load())
	}
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "f.gz"), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, err = Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted()); !errors.Is(err, regular.ErrNotRegular) {
		t.Errorf("a folder in the place of the file: %v", err)
	}
}

func TestPartIsTooLong(t *testing.T) {
	var ranges []string
	base, _ := serve(t, func(_ int32, _ http.ResponseWriter, r *http.Request) bool {
		ranges = append(ranges, r.Header.Get("Range"))
		return false
	})
	dir := t.TempDir()
	part, err := os.Create(filepath.Join(dir, "f.gz.part"))
	if err := errors.Join(err, part.Truncate(1<<30), part.Close()); err != nil {
		t.Fatal(err)
	}
	f := wanted()
	f.Most = int64(len(content))
	path, err := Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, f)
	check(t, path, err)
	if len(ranges) != 1 || ranges[0] != "" {
		t.Errorf("ranges %q", ranges)
	}
}

func TestRedirects(t *testing.T) {
	plain, requests := serve(t, nil)
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, plain+"f.gz", http.StatusFound)
	}))
	defer secure.Close()
	dir := t.TempDir()
	_, err := Get(context.Background(), Config{Dir: dir, Bases: []string{secure.URL + "/"}, Client: secure.Client()}, wanted())
	failed(t, "https to http", dir, err, "redirected from https to ")
	if requests.Load() != 0 {
		t.Error("the redirect was followed")
	}
	hops := 0
	base, _ := serve(t, func(_ int32, w http.ResponseWriter, r *http.Request) bool {
		hops++
		http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		return true
	})
	_, err = Get(context.Background(), Config{Dir: dir, Bases: []string{base}}, wanted())
	failed(t, "a chain", dir, err, "more than 5 redirects")
	if hops != 6 {
		t.Errorf("%d requests of a chain", hops)
	}
}

// TestVerifyStops cancels a comparison that would otherwise read a large file to its end.
func TestVerifyStops(t *testing.T) {
	path := filepath.Join(t.TempDir(), "large")
	f, err := os.Create(path)
	if err := errors.Join(err, f.Truncate(1<<30), f.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w := wanted()
	if err := w.Verify(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	w.Most = 1 << 20
	if err := w.Verify(context.Background(), path); err == nil || !strings.Contains(err.Error(), "larger than 1048576 bytes") {
		t.Errorf("a larger file: %v", err)
	}
	if runtime.GOOS == "linux" {
		if err := w.Verify(context.Background(), "/dev/zero"); !errors.Is(err, regular.ErrNotRegular) {
			t.Errorf("a device: %v", err)
		}
	}
}
