package fetch

import (
	"context"
	"crypto/md5" // two publishers give nothing better
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"elegans/data/atomicfile"
)

// File is a file to fetch. At least one checksum is set; all that are set must be right.
type File struct {
	Name        string // appended to a base address; also the name in the folder
	SHA256, MD5 string // lower-case hexadecimal
}

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
	// Client may be nil, for one that waits half a minute for an answer.
	Client *http.Client
	Open   func(path string, flag int) (Sink, error) // nil means os.OpenFile
	// Stall is how long a connection may deliver nothing before it is given up; 0 means a minute.
	Stall time.Duration
}

const (
	maxBytes = 1 << 32 // no file fetched here is larger
	attempts = 5       // connections to one mirror
)

// errWrite marks failures on this side, which no mirror can cure.
type errWrite struct{ error }

func (e errWrite) Unwrap() error { return e.error }

// Get returns the path of the file in c.Dir. It fetches it unless it is there with the right
// checksum. The error lists every address that was tried and why it failed. Two processes that
// fetch the same file at once spoil each other's attempt, which the checksum finds; neither leaves
// a wrong file.
func Get(ctx context.Context, c Config, f File) (string, error) {
	path := filepath.Join(c.Dir, f.Name)
	if err := f.Verify(path); err == nil {
		return path, nil
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
	if c.Open == nil {
		c.Open = func(path string, flag int) (Sink, error) { return os.OpenFile(path, flag, 0o666) }
	}
	if c.Stall == 0 {
		c.Stall = time.Minute
	}
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
		tried = append(tried, fmt.Sprintf("%s (%v)", url, err))
	}
	return "", fmt.Errorf("download of %s failed; tried %s", f.Name, strings.Join(tried, "; "))
}

// mirror connects to one address until the file is complete, as long as each connection brings it
// further.
func (c *Config) mirror(ctx context.Context, url, path string, f File) (err error) {
	part := path + ".part"
	fresh := false // the file was begun on this mirror
	for range attempts {
		before := size(part)
		fresh = fresh || before == 0
		err = c.connect(ctx, url, part, before, f.Name)
		if err == nil {
			if err = f.Verify(part); err == nil {
				return c.finish(part, path)
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
		if ctx.Err() != nil || errors.As(err, &local) || size(part) == before {
			return err
		}
	}
	return err
}

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
func (c *Config) connect(ctx context.Context, url, part string, have int64, name string) error {
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
	switch {
	case resp.StatusCode == http.StatusOK:
		have, flag = 0, os.O_WRONLY|os.O_CREATE|os.O_TRUNC
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable && have > 0:
		return nil // nothing is left to send: the checksum decides
	case resp.StatusCode != http.StatusPartialContent || !strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", have)):
		return fmt.Errorf("answer %s", resp.Status)
	}
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = have + resp.ContentLength
	}
	sink, err := c.Open(part, flag)
	if err != nil {
		return errWrite{err}
	}
	err = c.receive(sink, resp.Body, cancel, func(n int64) {
		if c.Progress != nil {
			c.Progress(name, have+n, total)
		}
	}, maxBytes-have)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	if e := sink.Close(); err == nil && e != nil {
		err = errWrite{e}
	}
	return err
}

// receive copies the body to the sink and calls cancel when nothing has come for c.Stall.
func (c *Config) receive(sink io.Writer, body io.Reader, cancel context.CancelCauseFunc, progress func(done int64), limit int64) error {
	stall := time.AfterFunc(c.Stall, func() { cancel(fmt.Errorf("nothing received for %v", c.Stall)) })
	defer stall.Stop()
	buf := make([]byte, 1<<16)
	for done := int64(0); ; {
		n, err := body.Read(buf)
		stall.Reset(c.Stall)
		if done += int64(n); done > limit {
			return fmt.Errorf("more than %d bytes", limit)
		}
		if _, werr := sink.Write(buf[:n]); werr != nil {
			return errWrite{werr}
		}
		progress(done)
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

// Verify compares the checksums of the file at path.
func (f File) Verify(path string) error {
	r, err := os.Open(path)
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
		return fmt.Errorf("%s: no checksum to compare with", path)
	}
	if _, err := io.Copy(io.MultiWriter(w...), r); err != nil {
		return err
	}
	for _, s := range sums {
		if got := hex.EncodeToString(s.hash.Sum(nil)); s.want != "" && got != s.want {
			return fmt.Errorf("%s of %s is %s, expected %s", s.name, path, got, s.want)
		}
	}
	return nil
}
