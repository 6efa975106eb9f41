package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"elegans/data/internal/fetch"
)

// source is a published data set: where its files are and what must come of them.
type source struct {
	name    string
	mirrors []string
	files   []fetch.File
	read    func(ctx context.Context, o *Options, dir string) (Sets, error)
}

// load reads from Options.Dir if that is given; otherwise from the cache, whose files are fetched
// if that is permitted and checked against their checksums in any case.
func (s *source) load(ctx context.Context, o *Options) (Sets, error) {
	if o.Dir != "" {
		return s.read(ctx, o, o.Dir)
	}
	dir, err := o.cacheDir()
	if err != nil {
		return Sets{}, err
	}
	dir = filepath.Join(dir, s.name)
	c := fetch.Config{Dir: dir, Bases: s.mirrors, Progress: o.Progress}
	if len(o.Mirrors) > 0 {
		c.Bases = o.Mirrors
	}
	for _, f := range s.files {
		path := filepath.Join(dir, f.Name)
		switch err := f.Verify(ctx, path); {
		case err == nil:
		case ctx.Err() != nil:
			return Sets{}, context.Cause(ctx)
		case o.Download:
			if _, err := fetch.Get(ctx, c, f); err != nil {
				return Sets{}, fmt.Errorf("%w; if you are offline, put the files into a folder and give it with --data-dir", err)
			}
		case errors.Is(err, fs.ErrNotExist):
			return Sets{}, fmt.Errorf("%s is not there; permit the download with --download, or give a folder that holds the files with --data-dir", path)
		default:
			return Sets{}, fmt.Errorf("%w; fetch it again with --download", err)
		}
	}
	return s.read(ctx, o, dir)
}

// cacheDir returns the folder under which every source has its own.
func (o *Options) cacheDir() (string, error) {
	if o.CacheDir != "" {
		return o.CacheDir, nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder: %w; give a folder that holds the files with --data-dir", err)
	}
	return filepath.Join(base, "elegans"), nil
}
