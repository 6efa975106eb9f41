package fetch

import (
	"cmp"
	"context"
	"crypto/md5" // two publishers give nothing better
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"elegans/data/atomicfile"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

// File is a file to fetch. At least one checksum is set; all that are set must be right.
type File struct {
	Name        string // appended to a base address; also the name in the folder
	SHA256, MD5 string // lower-case hexadecimal
	// Most is the largest number of bytes that are accepted; 0 means 1 GiB. More is an answer that
	// is not the file, or has no end.
	Most int64
}

// most returns Most or its default.
func (f *File) most() int64 { return cmp.Or(f.Most, 1<<30) }

// Sink is where the bytes of an unfinished download go: an *os.File, but for tests.
type Sink interface {
	io.Writer
	atomicfile.File
}

// Config says how to fetch. Dir and Bases are required.
type Config struct {
	Dir string
	// Bases are addresses, tried in order; each ends in a slash.
	Bases    []string
	Progress func(file string, done, total int64) // may be nil; total is -1 while unknown
	// Client may be nil, for one that waits half a minute for an answer. Its redirects are
	// restricted as Get says.
	Client *http.Client
	Open   func(path string, flag int) (Sink, error) // nil means a file, see openPart
	// Stall is how long a connection may deliver nothing before it is given up; 0 means a minute.
	Stall time.Duration
	// Slow is how many bytes must come in a time of Stall; 0 means 1 KiB a second.
	Slow int64
}

const (
	attempts  = 5 // connections to one mirror
	redirects = 5 // of one request
)

// errWrite marks failures on this side, which no mirror can cure.
type errWrite struct{ error }

func (e errWrite) Unwrap() error { return e.error }

// Get returns the path of the file in c.Dir. It fetches it unless it is there with the right
// checksum. The error lists every address that was tried and why it failed. Two processes that
// fetch the same file at once spoil each other's attempt, which the checksum finds; neither leaves
// a wrong file.
//
// A redirect from https to http is not followed, nor a sixth one. What an earlier attempt left in
// the file with the ending .part is gone on with; a link of that name is removed, and anything else
// that is no file is refused.
func Get(ctx context.Context, c Config, f File) (string, error) {
	path := filepath.Join(c.Dir, f.Name)
	switch err := f.Verify(ctx, path); {
	case err == nil:
		return path, nil
	case errors.Is(err, regular.ErrNotRegular):
		return "", err
	}
	if err := os.MkdirAll(c.Dir, 0o777); err != nil {
		return "", err
	}
	if c.Client == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.ResponseHeaderTimeout = 30 * time.Second
		c.Client = &http.Client{Transport: t}
		defer t.CloseIdleConnections()
	}
	client := *c.Client
	client.CheckRedirect = checkRedirect
	c.Client = &client
	if c.Open == nil {
		c.Open = openPart
	}
	c.Stall = cmp.Or(c.Stall, time.Minute)
	c.Slow = cmp.Or(c.Slow, int64(1024*c.Stall.Seconds()))
	var tried []string
	for _, base := range c.Bases {
		url := base + f.Name
		err := c.mirror(ctx, url, path, f)
		var local errWrite
		switch {
		case err == nil:
			return path, nil
		case ctx.Err() != nil:
			return "", fmt.Errorf("download of %s: %w", url, context.Cause(ctx))
		case errors.As(err, &local):
			return "", fmt.Errorf("download of %s: %w", url, err)
		}
		tried = append(tried, quote.Line(fmt.Sprintf("%s (%v)", url, err)))
	}
	return "", fmt.Errorf("download of %s failed; tried %s", f.Name, strings.Join(tried, "; "))
}

// checkRedirect refuses redirects that give up the protection of the connection, or have no end.
func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > redirects {
		return fmt.Errorf("more than %d redirects", redirects)
	}
	if via[len(via)-1].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return fmt.Errorf("redirected from https to %s", quote.Text(r.URL.Redacted()))
	}
	return nil
}

// clearPart removes what may not be gone on with: a link, or more bytes than the file has. Anything
// else that is no file is an error.
func clearPart(part string, most int64) error {
	st, err := os.Lstat(part)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && (st.Mode()&fs.ModeSymlink != 0 || st.Mode().IsRegular() && st.Size() > most) {
		return os.Remove(part)
	}
	if err == nil && !st.Mode().IsRegular() {
		err = fmt.Errorf("%s: found %v, expected a file or none: %w", quote.Name(part), st.Mode(), regular.ErrNotRegular)
	}
	return err
}

// openPart opens the file of an unfinished download. The name could have become a link since
// clearPart, so nothing is cut or written before it is known to be the file.
func openPart(path string, flag int) (Sink, error) {
	f, err := os.OpenFile(path, flag&^os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	opened, err := f.Stat()
	if err == nil {
		var named fs.FileInfo
		if named, err = os.Lstat(path); err == nil && !(named.Mode().IsRegular() && os.SameFile(opened, named)) {
			err = fmt.Errorf("%s: a link or no file, expected a file", quote.Name(path))
		}
	}
	if err == nil && flag&os.O_TRUNC != 0 {
		err = f.Truncate(0)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// mirror connects to one address until the file is complete, as long as each connection brings it
// further.
func (c *Config) mirror(ctx context.Context, url, path string, f File) (err error) {
	part := path + ".part"
	if err := clearPart(part, f.most()); err != nil {
		return errWrite{err}
	}
	fresh := false // the file was begun on this mirror
	for range attempts {
		before := size(part)
		fresh = fresh || before == 0
		err = c.connect(ctx, url, part, before, &f)
		if err == nil {
			if err = f.Verify(ctx, part); err == nil {
				return c.finish(part, path)
			}
			if ctx.Err() != nil {
				return err
			}
			if rm := os.Remove(part); rm != nil {
				return errWrite{rm}
			}
			if fresh {
				return err
			}
			continue // what an earlier run left may have been wrong
		}
		var local errWrite
		var much errTooMuch
		if errors.As(err, &much) { // nothing of it is worth keeping
			if rm := os.Remove(part); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
				return errWrite{rm}
			}
			return err
		}
		if ctx.Err() != nil || errors.As(err, &local) || size(part) == before {
			return err
		}
	}
	return err
}

// errTooMuch says that an answer is longer than it may be.
type errTooMuch struct{ most int64 }

func (e errTooMuch) Error() string { return fmt.Sprintf("more than %d bytes", e.most) }

// finish moves the complete file to its name.
func (c *Config) finish(part, path string) error {
	s, err := c.Open(part, os.O_WRONLY|os.O_APPEND)
	if err == nil {
		err = atomicfile.Commit(s, path)
	}
	if err != nil {
		return errWrite{err}
	}
	return nil
}

// connect appends to part, which holds have bytes, what one connection delivers.
func (c *Config) connect(ctx context.Context, url, part string, have int64, f *File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", "identity") // the bytes of the file, not their decompression
	if have > 0 {
		req.Header.Set("Range", fmt.Sprintf("bytes=%d-", have))
	}
	resp, err := c.Client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	flag := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	total := int64(-1)
	switch {
	case resp.StatusCode == http.StatusOK:
		have, flag = 0, os.O_WRONLY|os.O_CREATE|os.O_TRUNC
		total = resp.ContentLength
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return nil // nothing is left to send: the checksum decides
	case resp.StatusCode == http.StatusPartialContent && have > 0:
		if total, err = partial(resp, have); err != nil {
			return err
		}
	default:
		return fmt.Errorf("answer %s", resp.Status)
	}
	limit := f.most()
	if total > limit {
		return errTooMuch{limit}
	}
	sink, err := c.Open(part, flag)
	if err != nil {
		return errWrite{err}
	}
	err = c.receive(sink, resp.Body, cancel, func(n int64) error {
		if have+n > limit {
			return errTooMuch{limit}
		}
		if total >= 0 && have+n > total { // a part that is longer than it says
			return fmt.Errorf("more than the %d bytes that the answer speaks of", total)
		}
		if c.Progress != nil {
			c.Progress(f.Name, have+n, total)
		}
		return nil
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if e := sink.Close(); err == nil && e != nil {
		err = errWrite{e}
	}
	return err
}

// partial checks the answer to the request for the bytes from have on, and returns the size of the
// whole file, -1 if the answer does not say: "bytes 100-199/200".
func partial(resp *http.Response, have int64) (total int64, err error) {
	text := resp.Header.Get("Content-Range")
	wrong := fmt.Errorf("answer %s with Content-Range %s, expected the bytes from %d to the end", resp.Status, quote.Text(text), have)
	span, whole, ok := strings.Cut(strings.TrimPrefix(text, "bytes "), "/")
	first, last, ok2 := strings.Cut(span, "-")
	if !ok || !ok2 || !strings.HasPrefix(text, "bytes ") || first != strconv.FormatInt(have, 10) {
		return 0, wrong
	}
	end, err := strconv.ParseInt(last, 10, 64)
	if err != nil || end < have || resp.ContentLength >= 0 && resp.ContentLength != end-have+1 {
		return 0, wrong
	}
	if whole == "*" {
		return -1, nil
	}
	if total, err = strconv.ParseInt(whole, 10, 64); err != nil || total != end+1 {
		return 0, wrong
	}
	return total, nil
}

// receive copies the body to the sink, after count has agreed to the number of bytes so far. It
// calls cancel when nothing has come for c.Stall, or fewer than c.Slow bytes in such a time.
func (c *Config) receive(sink io.Writer, body io.Reader, cancel context.CancelCauseFunc, count func(done int64) error) error {
	stall := time.AfterFunc(c.Stall, func() { cancel(fmt.Errorf("nothing received for %v", c.Stall)) })
	defer stall.Stop()
	var done atomic.Int64
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		tick := time.NewTicker(c.Stall)
		defer tick.Stop()
		for before := int64(0); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			now := done.Load()
			if n := now - before; n > 0 && n < c.Slow { // of none at all speaks the other timer
				cancel(fmt.Errorf("%d bytes received in %v, expected at least %d", n, c.Stall, c.Slow))
				return
			}
			before = now
		}
	}()
	buf := make([]byte, 1<<16)
	for {
		n, err := body.Read(buf)
		stall.Reset(c.Stall)
		if e := count(done.Add(int64(n))); e != nil {
			return e
		}
		if _, werr := sink.Write(buf[:n]); werr != nil {
			return errWrite{werr}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func size(path string) int64 {
	st, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return st.Size()
}

// Verify compares the checksums of the regular file at path.
func (f *File) Verify(ctx context.Context, path string) error {
	r, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer r.Close()
	sums := []struct {
		name, want string
		hash       hash.Hash
	}{{"SHA-256", f.SHA256, sha256.New()}, {"MD5", f.MD5, md5.New()}}
	var w []io.Writer
	for _, s := range sums {
		if s.want != "" {
			w = append(w, s.hash)
		}
	}
	if len(w) == 0 {
		return fmt.Errorf("%s: no checksum to compare with", quote.Name(path))
	}
	if st, err := r.Stat(); err != nil || st.Size() > f.most() {
		return cmp.Or(err, error(fmt.Errorf("%s: larger than %d bytes, expected at most these", quote.Name(path), f.most())))
	}
	buf := make([]byte, 1<<18)
	for {
		n, err := r.Read(buf)
		_, _ = io.MultiWriter(w...).Write(buf[:n]) // a hash takes everything
		if err == io.EOF {
			break
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
	}
	for _, s := range sums {
		if got := hex.EncodeToString(s.hash.Sum(nil)); s.want != "" && got != s.want {
			return fmt.Errorf("%s of %s is %s, expected %s", s.name, quote.Name(path), got, s.want)
		}
	}
	return nil
}
