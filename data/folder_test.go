package data

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"elegans/internal/memory"
)

// tree makes files below a folder: pictures of 2x2 pixels of the grey value given, links, folders
// (-1), or files of other content.
func tree(t *testing.T, files map[string]any) string {
	t.Helper()
	dir := t.TempDir()
	for name, v := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		switch v := v.(type) {
		case int:
			if v < 0 {
				if err := os.MkdirAll(path, 0o777); err != nil {
					t.Fatal(err)
				}
				continue
			}
			write(t, path, picturePNG(t, 2, 2, solid(color.Gray{uint8(v)})))
		case []byte:
			write(t, path, v)
		case string: // a link
			if err := os.Symlink(v, path); err != nil {
				t.Skip(err)
			}
		}
	}
	return dir
}

// content lists the first pixel of the images of a set with their classes.
func content(d *Dataset) string {
	if d == nil {
		return ""
	}
	var list []string
	c, h, w := d.Shape()
	pix := make([]float32, c*h*w)
	for i := range d.Len() {
		d.Pixels(pix, i)
		list = append(list, fmt.Sprintf("%s %.0f", d.Classes()[d.Label(i)], pix[0]*255))
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestFolderTrees(t *testing.T) {
	text := []byte("text")
	for _, c := range []struct {
		name                     string
		files                    map[string]any
		whole                    string // of a folder without parts
		train, valid, test, fail string
		notes                    []string // after the name of the folder
	}{
		{name: "linked class", files: map[string]any{"set/cat/a.png": 1, "set/dog/a.png": 2, "elsewhere/owl/a.png": 3, "elsewhere/owl/b.png": 4, "set/owl": "../elsewhere/owl"},
			whole: "cat 1, dog 2, owl 3, owl 4"},
		{name: "linked pictures and folders of a class", files: map[string]any{"set/cat/a.png": 1, "set/cat/more": "../../elsewhere", "elsewhere/x.png": 5, "set/dog/l.png": "../../elsewhere/x.png"},
			whole: "cat 1, cat 5, dog 5"},
		{name: "nested", files: map[string]any{"set/cat/a.png": 1, "set/cat/siamese/deep/b.PNG": 2, "set/dog/only/c.png": 3}, whole: "cat 1, cat 2, dog 3"},
		{name: "a link to itself", files: map[string]any{"set/cat/a.png": 1, "set/cat/loop": "..", "set/dog/b.png": 2, "set/dog/self": "."},
			whole: "cat 1, cat 2, dog 2", notes: []string{": 3 folders are read once, though links lead to them again: cat/loop/cat, cat/loop/dog/self, dog/self"}},
		{name: "two links to a folder", files: map[string]any{"set/cat/x": "../../more", "set/cat/y": "../../more", "more/a.png": 1, "set/dog/b.png": 2},
			whole: "cat 1, dog 2", notes: []string{": 1 folder is read once, though links lead to it again: cat/y"}},
		{name: "other files", files: map[string]any{"set/cat/a.png": 1, "set/cat/a.txt": text, "set/readme.md": text, "set/.git/x.png": text, "set/cat/.DS_Store": text, "set/b.png": 3,
			"set/empty": -1, "set/notes/n.txt": text, "set/dog/b.png": 2, "set/dog/\x1b[31m": text},
			whole: "cat 1, dog 2", notes: []string{
				": 2 hidden entries are not used: .git, cat/.DS_Store",
				`: 4 files that are no pictures of a known format are not used: readme.md, cat/a.txt, "dog/\x1b[31m", notes/n.txt`,
				": 1 picture outside of the folders of classes is not used: b.png",
				": 2 folders without a picture are no classes: empty, notes"}},
		{name: "train and val", files: map[string]any{"set/train/cat/a.png": 1, "set/train/cat/b.png": 1, "set/train/dog/a.png": 2, "set/train/dog/b.png": 2, "set/val/cat/a.png": 3, "set/val/dog/a.png": 4},
			train: "cat 1, dog 2", valid: "cat 3, dog 4", test: "cat 1, dog 2", notes: []string{": no test part: 2 of the 4 images of train are it"}},
		{name: "three parts by other names", files: map[string]any{"set/Training/cat/a.png": 1, "set/validation/cat/a.png": 2, "set/TEST/cat/a.png": 3, "set/extra/cat/x.png": 4, "set/labels.csv": text},
			train: "cat 1", valid: "cat 2", test: "cat 3", notes: []string{": 1 file that is no picture of a known format is not used: labels.csv", ": 1 folder beside the parts is not used: extra"}},
		{name: "classes in another order", files: map[string]any{"set/train/a/1.png": 1, "set/train/b/1.png": 2, "set/test/b/1.png": 3},
			train: "a 1, b 2", test: "b 3", notes: []string{"/test: 1 class without a picture: a"}},
		{name: "a class of the test alone", files: map[string]any{"set/train/cat/1.png": 1, "set/test/cat/1.png": 2, "set/test/dog/1.png": 3}, fail: "test: dog, which train has no pictures of, expected classes among cat"},
		{name: "a class empty in train", files: map[string]any{"set/train/cat/1.png": 1, "set/train/dog": -1, "set/test/dog/1.png": 3}, fail: "test: dog, which train has no pictures of"},
		{name: "a class called train", files: map[string]any{"set/train/1.png": 1, "set/bus/1.png": 2}, whole: "bus 2, train 1"},
		{name: "train without classes", files: map[string]any{"set/train/1.png": 1, "set/test/cat/2.png": 2}, fail: "and no train, expected train beside val or test"},
		{name: "test without classes", files: map[string]any{"set/train/cat/1.png": 1, "set/test/2.png": 2}, fail: "test: pictures, expected a sub-folder for each class, as in train"},
		{name: "two validation parts", files: map[string]any{"set/train/cat/1.png": 1, "set/val/cat/1.png": 2, "set/valid/cat/1.png": 2}, fail: `the folders "val" and "valid", expected one of them`},
		{name: "no train", files: map[string]any{"set/val/cat/1.png": 1}, fail: "folders val and no train"},
		{name: "a dead link", files: map[string]any{"set/cat/1.png": 1, "set/dog": "nowhere"}, fail: "dog: a link that leads nowhere"},
		{name: "no picture", files: map[string]any{"set/cat/1.txt": text}, fail: "no images, expected sub-folders, one for each class, of .bmp, .gif, "},
		{name: "frames", files: map[string]any{"set/cat/a.gif": animated(t)}, whole: "cat 255", notes: []string{": 1 file has several pictures, of which the first is read: cat/a.gif"}},
	} {
		dir := filepath.Join(tree(t, c.files), "set")
		s, err := Load(context.Background(), "folder", Options{Dir: dir, Gray: true, TestFraction: .5})
		if c.fail != "" {
			refused(t, c.name, err, c.fail)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if c.whole != "" {
			if s.Whole == nil || content(s.Whole) != c.whole || s.Valid != nil {
				t.Errorf("%s: %s, want %s", c.name, content(s.Whole), c.whole)
			}
		} else if s.Whole != nil || content(s.Train) != c.train || content(s.Valid) != c.valid || content(s.Test) != c.test {
			t.Errorf("%s: %s; %s; %s", c.name, content(s.Train), content(s.Valid), content(s.Test))
		}
		for i := range c.notes {
			c.notes[i] = dir + c.notes[i]
		}
		noted(t, c.name, s, c.notes...)
	}
}

// TestFolderOrder is that of torchvision: folders sorted by their paths as text, names within.
func TestFolderOrder(t *testing.T) {
	dir := tree(t, map[string]any{"cat/b.png": 1, "cat/a/z.png": 2, "cat/a-b/y.png": 3, "cat/a.png": 4, "cat/a/b/x.png": 5})
	f := &folder{ctx: context.Background(), o: &Options{Dir: dir}}
	files, err := f.walk(filepath.Join(dir, "cat"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		files[i] = f.rel(files[i])
	}
	if want := []string{"cat/a.png", "cat/b.png", "cat/a/z.png", "cat/a-b/y.png", "cat/a/b/x.png"}; !slices.Equal(files, want) {
		t.Errorf("order %q, want %q", files, want)
	}
}

func TestFolderMemory(t *testing.T) {
	dir := tree(t, map[string]any{"cat/a.png": 1, "cat/b.png": 1, "cat/c.png": 1, "cat/d.png": 1})
	t.Setenv(memory.Variable, "500")
	_, err := Load(context.Background(), "folder", Options{Dir: dir})
	if err != nil {
		t.Fatalf("48 bytes: %v", err)
	}
	_, err = Load(context.Background(), "folder", Options{Dir: dir, Height: 8, Width: 8})
	if !errors.Is(err, memory.ErrLimit) {
		t.Errorf("768 bytes: %v", err)
	}
	refused(t, "a file", func() error {
		_, err := Load(context.Background(), "folder", Options{Dir: filepath.Join(dir, "cat", "a.png")})
		return err
	}(), "a file, expected a folder with a sub-folder of pictures for each class")
}
