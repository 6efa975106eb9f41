package data

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"elegans/data/internal/format"
)

// loadFolder reads a folder with a sub-folder for each class, which holds PNG and JPEG files; or
// with the sub-folders train and test that have this form.
func loadFolder(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("one with a sub-folder of PNG or JPEG files for each class"); err != nil {
		return Sets{}, err
	}
	train, test := filepath.Join(o.Dir, "train"), filepath.Join(o.Dir, "test")
	if !isDir(train) || !isDir(test) {
		d, err := readFolder(ctx, o, o.Dir, nil)
		if err != nil {
			return Sets{}, err
		}
		return o.divide(d), nil
	}
	tr, err := readFolder(ctx, o, train, nil)
	if err != nil {
		return Sets{}, err
	}
	te, err := readFolder(ctx, o, test, tr)
	return Sets{Train: tr, Test: te}, err
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// readFolder reads the classes below dir in the order of their names. A test folder takes classes
// and size of its training folder.
func readFolder(ctx context.Context, o *Options, dir string, train *Dataset) (*Dataset, error) {
	classes, err := listDir(dir, func(e os.DirEntry) bool { return e.IsDir() })
	if err != nil {
		return nil, err
	}
	form := ImageOptions{Channels: 3, Height: o.Height, Width: o.Width, Invert: o.Invert}
	if o.Gray {
		form.Channels = 1
	}
	if train != nil {
		if strings.Join(classes, "/") != strings.Join(train.classes, "/") {
			return nil, format.New(dir, "", fmt.Sprintf("classes %q", classes), fmt.Sprintf("%q as in the training folder", train.classes))
		}
		form.strict = o.Height == 0 || o.Width == 0
		_, form.Height, form.Width = train.Shape()
	}
	var pixels []uint8
	var labels []int
	for label, class := range classes {
		files, err := listDir(filepath.Join(dir, class), isImage)
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			im, err := readImageFile(filepath.Join(dir, class, file), form)
			if err != nil {
				return nil, err
			}
			if form.Height == 0 || form.Width == 0 { // the first image decides
				form.strict, form.Height, form.Width = true, im.h, im.w
			}
			if len(pixels)+len(im.pix) > maxImageBytes {
				return nil, format.New(dir, "", "more pixels", fmt.Sprintf("at most %d in all images together", maxImageBytes))
			}
			pixels = append(pixels, im.pix...)
			labels = append(labels, label)
		}
	}
	if len(labels) == 0 {
		return nil, format.New(dir, "", "no images", "sub-folders, one for each class, of .png, .jpg or .jpeg files")
	}
	return FromBytes("folder", "images of "+filepath.Base(dir), classes, pixels, 255, labels, form.Channels, form.Height, form.Width)
}

func isImage(e os.DirEntry) bool {
	switch strings.ToLower(filepath.Ext(e.Name())) {
	case ".png", ".jpg", ".jpeg":
		return !e.IsDir()
	}
	return false
}

// listDir returns the sorted names of the entries to keep; hidden ones are left out.
func listDir(dir string, keep func(os.DirEntry) bool) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if keep(e) && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
