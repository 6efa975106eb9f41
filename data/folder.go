package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
)

// partNames are the names that a folder of a part may have, without regard to case.
var partNames = map[string]string{
	"train": "train", "training": "train", "val": "valid", "valid": "valid", "validation": "valid", "test": "test", "testing": "test",
}

// loadFolder reads a folder with a sub-folder of pictures for each class, as the ImageFolder of
// torchvision does: links are followed, and the sub-folders of a class belong to it. Or it reads
// the sub-folders train, val and test (or as partNames has them) that have this form; where there
// is none for a test part, Options.TestFraction of the training part becomes one. Classes are found
// by name.
//
// Other than in torchvision, hidden files are not read, a folder that several links of a class lead
// to is read once, a folder without a picture is no class, and the order of the pictures does not
// depend on the system. The notes name all of these, and files that are no pictures.
func loadFolder(ctx context.Context, o *Options) (Sets, error) {
	if err := o.needDir("one with a sub-folder of pictures for each class"); err != nil {
		return Sets{}, err
	}
	f := &folder{ctx: ctx, o: o}
	parts, err := f.parts()
	if err != nil {
		return Sets{}, err
	}
	listed := map[string]*folderPart{}
	for _, part := range []string{"train", "valid", "test"} {
		if dir, ok := parts[part]; ok {
			if listed[part], err = f.list(dir); err != nil {
				return Sets{}, err
			}
		}
	}
	train := listed["train"]
	if err := f.match(train, listed["valid"], listed["test"]); err != nil {
		return Sets{}, err
	}
	sets := map[string]*Dataset{}
	for _, part := range []string{"train", "valid", "test"} {
		if p := listed[part]; p != nil {
			if sets[part], err = f.read(p, train.classes); err != nil {
				return Sets{}, err
			}
		}
	}
	f.note()
	s := Sets{Train: sets["train"], Valid: sets["valid"], Test: sets["test"]}
	if s.Test != nil {
		return s, nil
	}
	if train.dir == o.Dir {
		return o.divide(ctx, s.Train)
	}
	return o.withoutTest(ctx, s, train.dir)
}

func isDir(path string) bool {
	st, err := os.Stat(path)
	return err == nil && st.IsDir()
}

// folder is the reading of a folder of pictures.
type folder struct {
	ctx  context.Context
	o    *Options
	form ImageOptions // of all pictures, once the first is read

	// names, relative to Options.Dir, of what is not used, for the notes
	hidden, foreign, loose, empty, again, other []string
	several                                     []string // pictures of several frames
}

// folderPart is the list of the pictures of a part.
type folderPart struct {
	dir     string
	classes []string            // those with pictures, sorted
	files   map[string][]string // of each class, in order
	count   int
}

// entries are what lies in a folder, sorted, through links. Hidden entries are left out.
type entries struct {
	dirs, pictures, others []string // names
}

func (f *folder) entries(dir string) (e entries, err error) {
	if err := f.ctx.Err(); err != nil {
		return e, err
	}
	list, err := os.ReadDir(dir)
	if err != nil {
		return e, err
	}
	for _, entry := range list {
		name := entry.Name()
		path := filepath.Join(dir, name)
		if strings.HasPrefix(name, ".") {
			f.hidden = append(f.hidden, f.rel(path))
			continue
		}
		mode := entry.Type()
		if mode&fs.ModeSymlink != 0 {
			st, err := os.Stat(path)
			if errors.Is(err, fs.ErrNotExist) {
				return e, format.New(path, "", "a link that leads nowhere", "a folder or a picture behind it")
			}
			if err != nil {
				return e, err
			}
			mode = st.Mode().Type()
		}
		switch {
		case mode.IsDir():
			e.dirs = append(e.dirs, name)
		case isPicture(name):
			e.pictures = append(e.pictures, name)
		default:
			e.others = append(e.others, name)
		}
	}
	return e, nil
}

// rel returns a path as the notes have it.
func (f *folder) rel(path string) string {
	if r, err := filepath.Rel(f.o.Dir, path); err == nil {
		return r
	}
	return path
}

// add appends the names of entries of a folder to a list for the notes.
func (f *folder) add(list *[]string, dir string, names []string) {
	for _, n := range names {
		*list = append(*list, f.rel(filepath.Join(dir, n)))
	}
}

// parts returns the folders of the parts: the whole as training part, or the sub-folders that are
// named as parts. A sub-folder of such a name that holds pictures itself is a class.
func (f *folder) parts() (map[string]string, error) {
	dir := f.o.Dir
	if !isDir(dir) {
		if _, err := os.Stat(dir); err != nil {
			return nil, err
		}
		return nil, format.New(dir, "", "a file", "a folder with a sub-folder of pictures for each class")
	}
	top, err := f.entries(dir)
	if err != nil {
		return nil, err
	}
	parts := map[string]string{}
	var asClass []string
	for _, name := range top.dirs {
		part, ok := partNames[strings.ToLower(name)]
		if !ok {
			continue
		}
		inside, err := (&folder{ctx: f.ctx, o: f.o}).entries(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if len(inside.pictures) > 0 {
			asClass = append(asClass, name)
			continue
		}
		if before, ok := parts[part]; ok {
			return nil, format.New(dir, "", fmt.Sprintf("the folders %s and %s", quote.Text(filepath.Base(before)), quote.Text(name)), "one of them")
		}
		parts[part] = filepath.Join(dir, name)
	}
	if len(parts) == 0 { // the folders are classes
		f.hidden = nil // list counts them
		return map[string]string{"train": dir}, nil
	}
	if parts["train"] == "" {
		return nil, format.New(dir, "", fmt.Sprintf("folders %s and no train", quote.Names(top.dirs)), "train beside val or test, or a folder for each class")
	}
	if len(asClass) > 0 {
		return nil, format.New(filepath.Join(dir, asClass[0]), "", "pictures", "a sub-folder for each class, as in "+filepath.Base(parts["train"]))
	}
	for _, name := range top.dirs {
		if _, ok := partNames[strings.ToLower(name)]; !ok {
			f.other = append(f.other, name)
		}
	}
	f.add(&f.foreign, dir, top.others)
	f.add(&f.loose, dir, top.pictures)
	return parts, nil
}

// list finds the pictures of a part.
func (f *folder) list(dir string) (*folderPart, error) {
	top, err := f.entries(dir)
	if err != nil {
		return nil, err
	}
	f.add(&f.foreign, dir, top.others)
	f.add(&f.loose, dir, top.pictures)
	p := &folderPart{dir: dir, files: map[string][]string{}}
	for _, class := range top.dirs {
		files, err := f.walk(filepath.Join(dir, class))
		if err != nil {
			return nil, err
		}
		if len(files) == 0 {
			f.add(&f.empty, dir, []string{class})
			continue
		}
		p.classes = append(p.classes, class)
		p.files[class] = files
		p.count += len(files)
	}
	if p.count == 0 {
		return nil, format.New(dir, "", "no images", "sub-folders, one for each class, of "+strings.Join(pictureEndings, ", ")+" files")
	}
	return p, nil
}

// walk returns the pictures in and below the folder of a class in the order of torchvision: by
// folder, then by name.
func (f *folder) walk(class string) ([]string, error) {
	byFolder := map[string][]string{}
	seen := map[string]bool{} // folders by their path without links
	var visit func(dir string) error
	visit = func(dir string) error {
		real, err := filepath.EvalSymlinks(dir)
		if err != nil {
			return err
		}
		if seen[real] { // two links to it, or one to a folder that holds it
			f.add(&f.again, dir, []string{""})
			return nil
		}
		seen[real] = true
		e, err := f.entries(dir)
		if err != nil {
			return err
		}
		f.add(&f.foreign, dir, e.others)
		if len(e.pictures) > 0 {
			byFolder[dir] = e.pictures
		}
		for _, name := range e.dirs {
			if err := visit(filepath.Join(dir, name)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := visit(class); err != nil {
		return nil, err
	}
	var files []string
	for _, dir := range slices.Sorted(maps.Keys(byFolder)) {
		for _, name := range byFolder[dir] {
			files = append(files, filepath.Join(dir, name))
		}
	}
	return files, nil
}

// match refuses parts with pictures of classes that the training part lacks, and notes classes that
// they lack themselves.
func (f *folder) match(train *folderPart, others ...*folderPart) error {
	for _, p := range others {
		if p == nil {
			continue
		}
		unknown := slices.DeleteFunc(slices.Clone(p.classes), func(c string) bool { return train.files[c] != nil })
		if len(unknown) > 0 {
			return format.New(p.dir, "", fmt.Sprintf("%s, which %s has no pictures of", quote.Names(unknown), quote.Name(filepath.Base(train.dir))), "classes among "+quote.Names(train.classes))
		}
		missing := slices.DeleteFunc(slices.Clone(train.classes), func(c string) bool { return p.files[c] != nil })
		f.o.noteNames(p.dir, "class without a picture", "classes without a picture", missing)
	}
	return nil
}

// read reads the pictures of a part. The size that the options leave open is that of the first
// picture of all.
func (f *folder) read(p *folderPart, classes []string) (*Dataset, error) {
	if f.form.Channels == 0 {
		f.form = ImageOptions{Channels: 3, Height: f.o.Height, Width: f.o.Width, Invert: f.o.Invert}
		if f.o.Gray {
			f.form.Channels = 1
		}
	}
	var pixels []uint8
	labels := make([]int, 0, p.count)
	for label, class := range classes {
		for _, file := range p.files[class] {
			if err := f.ctx.Err(); err != nil {
				return nil, err
			}
			im, err := readImageFile(file, f.form)
			if err != nil {
				return nil, err
			}
			if f.form.Height == 0 || f.form.Width == 0 { // the first image decides
				f.form.strict, f.form.Height, f.form.Width = f.form.Height == 0 && f.form.Width == 0, im.h, im.w
			}
			if pixels == nil {
				size := p.count * len(im.pix)
				if err := memory.Need(fmt.Sprintf("%s: %d images of %dx%dx%d", quote.Name(p.dir), p.count, f.form.Channels, im.h, im.w), float64(size)); err != nil {
					return nil, err
				}
				pixels = make([]uint8, 0, size)
			}
			if im.more {
				f.several = append(f.several, f.rel(file))
			}
			pixels = append(pixels, im.pix...)
			labels = append(labels, label)
		}
	}
	return FromBytes("folder", "images of "+filepath.Base(p.dir), classes, pixels, 255, labels, f.form.Channels, f.form.Height, f.form.Width)
}

// note says what of the folder is not used.
func (f *folder) note() {
	for _, n := range []struct {
		one, many string
		names     []string
	}{
		{"hidden entry is not used", "hidden entries are not used", f.hidden},
		{"file that is no picture of a known format is not used", "files that are no pictures of a known format are not used", f.foreign},
		{"picture outside of the folders of classes is not used", "pictures outside of the folders of classes are not used", f.loose},
		{"folder beside the parts is not used", "folders beside the parts are not used", f.other},
		{"folder without a picture is no class", "folders without a picture are no classes", f.empty},
		{"folder is read once, though links lead to it again", "folders are read once, though links lead to them again", f.again},
		{"file has several pictures, of which the first is read", "files have several pictures, of which the first is read", f.several},
	} {
		f.o.noteNames(f.o.Dir, n.one, n.many, n.names)
	}
}
