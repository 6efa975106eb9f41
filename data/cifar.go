package data

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"elegans/data/internal/fetch"
	"elegans/data/internal/format"
)

// cifar describes the binary version of CIFAR-10 or CIFAR-100 (A. Krizhevsky, 2009): records of
// some label bytes, the last of which is the label, and 3,072 pixels, red, green and blue planes by
// rows.
type cifar struct {
	name       string
	labelBytes int
	classes    []string
	train      []string // files of the training part; those that are there are read, in this order
	test       []string
	folder     string // inside the archive
	archive    string
}

const cifarPixels = 3 * 32 * 32

var cifar10 = cifar{
	name: "cifar10", labelBytes: 1, folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
	classes: strings.Fields("airplane automobile bird cat deer dog frog horse ship truck"),
	train:   []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
	test:    []string{"test_batch.bin"},
}

var cifar100 = cifar{
	name: "cifar100", labelBytes: 2, folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz",
	classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle
		chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
		lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
		pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
		streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
	train: []string{"train.bin"},
	test:  []string{"test.bin"},
}

// load reads the files in dir, or in the archive's folder below it, or else the archive itself.
func (c *cifar) load(dir string) (Sets, error) {
	for _, d := range []string{dir, filepath.Join(dir, c.folder)} {
		if _, err := os.Stat(filepath.Join(d, c.test[0])); err == nil {
			return c.loadFiles(d)
		}
	}
	archive := filepath.Join(dir, c.archive)
	if _, err := os.Stat(archive); err == nil {
		return c.loadArchive(archive)
	}
	return Sets{}, &fs.PathError{Op: "open", Path: filepath.Join(dir, c.test[0]), Err: fs.ErrNotExist}
}

func (c *cifar) loadFiles(dir string) (Sets, error) {
	parts := map[string]*cifarPart{}
	for _, name := range slices.Concat(c.train, c.test) {
		in, err := openInput(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a part of the batches is enough; the provenance says which
		}
		if err != nil {
			return Sets{}, err
		}
		st, err := in.file.Stat()
		if err == nil {
			parts[name], err = c.read(in, st.Size())
		}
		_ = in.Close()
		if err != nil {
			return Sets{}, err
		}
	}
	return c.assemble(dir, parts)
}

func (c *cifar) loadArchive(archive string) (Sets, error) {
	in, err := openInput(archive)
	if err != nil {
		return Sets{}, err
	}
	defer in.Close()
	parts := map[string]*cifarPart{}
	for tr := tar.NewReader(in); ; {
		h, err := tr.Next()
		if err == io.EOF {
			return c.assemble(archive, parts)
		}
		if err != nil {
			return Sets{}, format.Wrap(archive, format.Offset(in.offset), err)
		}
		name := path.Base(h.Name)
		if h.Typeflag != tar.TypeReg || !slices.Contains(slices.Concat(c.train, c.test), name) {
			continue
		}
		if parts[name], err = c.read(&input{Reader: tr, name: archive + ":" + name}, h.Size); err != nil {
			return Sets{}, err
		}
	}
}

// cifarPart is the content of one file.
type cifarPart struct {
	pixels []byte
	labels []int
}

// read reads any whole number of records. The size is only a hint of how much to expect, and not
// believed beyond that of the published files.
func (c *cifar) read(in *input, size int64) (*cifarPart, error) {
	record := make([]byte, c.labelBytes+cifarPixels)
	hint := int(min(size/int64(len(record)), 50_000))
	p := &cifarPart{pixels: make([]byte, 0, hint*cifarPixels), labels: make([]int, 0, hint)}
	for n := 0; ; n++ {
		where := fmt.Sprintf("record %d (offset %d)", n, in.offset)
		got, err := io.ReadFull(in, record)
		switch {
		case err == io.EOF && n > 0:
			return p, nil
		case err == io.EOF:
			return nil, format.New(in.name, where, "no data", fmt.Sprintf("records of %d bytes", len(record)))
		case err == io.ErrUnexpectedEOF:
			return nil, format.New(in.name, where, fmt.Sprintf("%d bytes", got), fmt.Sprintf("a whole record of %d", len(record)))
		case err != nil:
			return nil, format.Wrap(in.name, where, err)
		case len(p.pixels) > maxImageBytes:
			return nil, format.New(in.name, where, "more pixels", fmt.Sprintf("at most %d", maxImageBytes))
		}
		label := int(record[c.labelBytes-1])
		if label >= len(c.classes) {
			return nil, format.New(in.name, where, fmt.Sprintf("label %d", label), fmt.Sprintf("0 to %d", len(c.classes)-1))
		}
		p.labels = append(p.labels, label)
		p.pixels = append(p.pixels, record[c.labelBytes:]...)
	}
}

func (c *cifar) assemble(from string, parts map[string]*cifarPart) (s Sets, err error) {
	if s.Train, err = c.join(from, c.train, parts); err != nil {
		return Sets{}, err
	}
	s.Test, err = c.join(from, c.test, parts)
	return s, err
}

func (c *cifar) join(from string, names []string, parts map[string]*cifarPart) (*Dataset, error) {
	var pixels [][]byte
	var labels [][]int
	var found []string
	for _, name := range names {
		if p := parts[name]; p != nil {
			pixels, labels, found = append(pixels, p.pixels), append(labels, p.labels), append(found, name)
		}
	}
	if len(found) == 0 {
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(from, names[0]), Err: fs.ErrNotExist}
	}
	all := cifarPart{pixels: slices.Concat(pixels...), labels: slices.Concat(labels...)}
	provenance := fmt.Sprintf("CIFAR-%d, binary version (A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009); %d images of %s",
		len(c.classes), len(all.labels), strings.Join(found, ", "))
	return FromBytes(c.name, provenance, c.classes, all.pixels, 255, all.labels, 3, 32, 32)
}

// cifarMirror is the site of the authors, A. Krizhevsky, V. Nair and G. Hinton.
const cifarMirror = "https://www.cs.toronto.edu/~kriz/"

var cifar10Source = source{
	name: "cifar10", mirrors: []string{cifarMirror}, read: cifar10.load,
	files: []fetch.File{{
		Name:   cifar10.archive,
		SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
		MD5:    "c32a1d4ab5d03f1284b67883e8d87530",
	}},
}

var cifar100Source = source{
	name: "cifar100", mirrors: []string{cifarMirror}, read: cifar100.load,
	files: []fetch.File{{Name: cifar100.archive, MD5: "03b5dce01913d631647c71ecec9e9cb8"}},
}
