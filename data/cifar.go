package data

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"elegans/data/internal/bound"
	"elegans/data/internal/fetch"
	"elegans/data/internal/format"
	"elegans/internal/memory"
	"elegans/internal/quote"
)

// cifar describes the binary version of CIFAR-10 or CIFAR-100 (A. Krizhevsky, 2009): records of
// some label bytes, the last of which is the label, and 3,072 pixels, red, green and blue planes by
// rows.
type cifar struct {
	name       string
	labelBytes int
	side       int // height and width of the images
	classes    []string
	train      []string // files of the training part, read in this order
	test       []string
	others     []string // files of the archive without images
	folder     string   // inside the archive
	archive    string
}

// pixels returns the number of pixels of a record.
func (c *cifar) pixels() int { return 3 * c.side * c.side }

// record returns the number of bytes of a record.
func (c *cifar) record() int { return c.labelBytes + c.pixels() }

var cifar10 = cifar{
	name: "cifar10", labelBytes: 1, side: 32, folder: "cifar-10-batches-bin", archive: "cifar-10-binary.tar.gz",
	classes: strings.Fields("airplane automobile bird cat deer dog frog horse ship truck"),
	train:   []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"},
	test:    []string{"test_batch.bin"},
	others:  []string{"batches.meta.txt", "readme.html"},
}

var cifar100 = cifar{
	name: "cifar100", labelBytes: 2, side: 32, folder: "cifar-100-binary", archive: "cifar-100-binary.tar.gz",
	classes: strings.Fields(`apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can castle caterpillar cattle
		chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard
		lamp lawn_mower leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid otter palm_tree pear pickup_truck
		pine_tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel
		streetcar sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle wardrobe whale willow_tree wolf woman worm`),
	train:  []string{"train.bin"},
	test:   []string{"test.bin"},
	others: []string{"coarse_label_names.txt", "fine_label_names.txt"},
}

// load reads the files in dir, or in the archive's folder below it, or else the archive itself,
// which may also be given as dir.
func (c *cifar) load(ctx context.Context, o *Options, dir string) (Sets, error) {
	if st, err := os.Stat(dir); err == nil && !st.IsDir() {
		return c.loadArchive(ctx, o, dir)
	}
	for _, d := range []string{dir, filepath.Join(dir, c.folder)} {
		if _, err := os.Stat(filepath.Join(d, c.test[0])); err == nil {
			return c.loadFiles(ctx, o, d)
		}
	}
	archive := filepath.Join(dir, c.archive)
	if _, err := os.Stat(archive); err == nil {
		return c.loadArchive(ctx, o, archive)
	}
	return Sets{}, &fs.PathError{Op: "open", Path: filepath.Join(dir, c.test[0]), Err: fs.ErrNotExist}
}

func (c *cifar) loadFiles(ctx context.Context, o *Options, dir string) (Sets, error) {
	parts := map[string]*cifarPart{}
	for _, name := range slices.Concat(c.train, c.test) {
		in, err := openInput(ctx, o, filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a part of the batches is enough; a note says which
		}
		if err != nil {
			return Sets{}, err
		}
		parts[name], err = c.read(in, in.size)
		_ = in.Close()
		if err != nil {
			return Sets{}, err
		}
	}
	return c.assemble(o, dir, parts)
}

func (c *cifar) loadArchive(ctx context.Context, o *Options, archive string) (Sets, error) {
	in, err := openInput(ctx, o, archive)
	if err != nil {
		return Sets{}, err
	}
	defer in.Close()
	return c.readArchive(o, in)
}

// readArchive reads the members with images of a tar archive. The size that a member claims is
// compared with what its images take and with the size of the archive, since a sparse member has
// bytes that are not there.
func (c *cifar) readArchive(o *Options, in *input) (Sets, error) {
	parts := map[string]*cifarPart{}
	var foreign []string
	for tr := tar.NewReader(in); ; {
		h, err := tr.Next()
		if err == io.EOF {
			o.noteNames(in.name, "member that is not known is not used", "members that are not known are not used", foreign)
			return c.assemble(o, in.name, parts)
		}
		if err != nil {
			return Sets{}, format.Wrap(in.name, format.Offset(in.offset), err)
		}
		name := path.Base(h.Name)
		if !slices.Contains(slices.Concat(c.train, c.test), name) {
			if h.Typeflag != tar.TypeDir && !slices.Contains(c.others, name) {
				foreign = append(foreign, h.Name)
			}
			continue
		}
		if h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse {
			return Sets{}, format.New(in.name, format.Offset(in.offset), fmt.Sprintf("member %s of type %q", quote.Text(h.Name), h.Typeflag), "a file")
		}
		if parts[name] != nil {
			return Sets{}, format.New(in.name, format.Offset(in.offset), "a second member "+quote.Text(name), "one of each")
		}
		member := &input{Reader: tr, name: in.name + ":" + name, size: in.size}
		if err := bound.Unfold(quote.Name(member.name), h.Size, in.size); err != nil {
			return Sets{}, err
		}
		if parts[name], err = c.read(member, h.Size); err != nil {
			return Sets{}, err
		}
	}
}

// cifarPart is the content of one file.
type cifarPart struct {
	pixels []byte
	labels []int
}

// read reads any whole number of records. The size is what the file is said to have.
func (c *cifar) read(in *input, size int64) (*cifarPart, error) {
	record := make([]byte, c.record())
	records := max(size, 0) / int64(len(record))
	if err := memory.Need(fmt.Sprintf("%s: %d images", quote.Name(in.name), records), float64(records)*float64(c.pixels()+8)); err != nil {
		return nil, err
	}
	hint := int(min(records, in.likely()/int64(len(record))))
	p := &cifarPart{pixels: make([]byte, 0, hint*c.pixels()), labels: make([]int, 0, hint)}
	for n := 0; ; n++ {
		got, err := io.ReadFull(in, record)
		if err == io.EOF && n > 0 {
			return p, nil
		}
		where := func() string { return fmt.Sprintf("record %d (offset %d)", n, in.offset-int64(got)) }
		switch {
		case err == io.EOF:
			return nil, format.New(in.name, where(), "no data", fmt.Sprintf("records of %d bytes", len(record)))
		case err == io.ErrUnexpectedEOF:
			return nil, format.New(in.name, where(), fmt.Sprintf("%d bytes", got), fmt.Sprintf("a whole record of %d", len(record)))
		case err != nil:
			return nil, format.Wrap(in.name, where(), err)
		case int64(n) >= records: // more than its size
			return nil, format.New(in.name, where(), "more data", fmt.Sprintf("%d images as its size says", records))
		}
		label := int(record[c.labelBytes-1])
		if label >= len(c.classes) {
			return nil, format.New(in.name, where(), fmt.Sprintf("label %d", label), fmt.Sprintf("0 to %d", len(c.classes)-1))
		}
		p.labels = append(p.labels, label)
		p.pixels = append(p.pixels, record[c.labelBytes:]...)
	}
}

func (c *cifar) assemble(o *Options, from string, parts map[string]*cifarPart) (s Sets, err error) {
	if s.Train, err = c.join(o, from, c.train, parts); err != nil {
		return Sets{}, err
	}
	s.Test, err = c.join(o, from, c.test, parts)
	return s, err
}

func (c *cifar) join(o *Options, from string, names []string, parts map[string]*cifarPart) (*Dataset, error) {
	var pixels [][]byte
	var labels [][]int
	var found, missing []string
	size := 0
	for _, name := range names {
		p := parts[name]
		if p == nil {
			missing = append(missing, name)
			continue
		}
		pixels, labels, found = append(pixels, p.pixels), append(labels, p.labels), append(found, name)
		size += len(p.pixels)
	}
	if len(found) == 0 {
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(from, names[0]), Err: fs.ErrNotExist}
	}
	if err := memory.Need(fmt.Sprintf("%s: the images of %d files", quote.Name(from), len(found)), 2*float64(size)); err != nil {
		return nil, err
	}
	all := cifarPart{pixels: slices.Concat(pixels...), labels: slices.Concat(labels...)}
	if len(missing) > 0 {
		o.note("%s: %d of the %d training files are not there: %s; %d images are in the others", quote.Name(from), len(missing), len(names), quote.Names(missing), len(all.labels))
	}
	provenance := fmt.Sprintf("CIFAR-%d, binary version (A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009); %d images of %s",
		len(c.classes), len(all.labels), strings.Join(found, ", "))
	return FromBytes(c.name, provenance, c.classes, all.pixels, 255, all.labels, 3, c.side, c.side)
}

// cifarMirror is the site of the authors, A. Krizhevsky, V. Nair and G. Hinton.
const cifarMirror = "https://www.cs.toronto.edu/~kriz/"

// mostCIFAR is more than either archive has, 170 MB.
const mostCIFAR = 256 << 20

var cifar10Source = source{
	name: "cifar10", mirrors: []string{cifarMirror}, read: cifar10.load,
	files: []fetch.File{{
		Name:   cifar10.archive,
		Most:   mostCIFAR,
		SHA256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
		MD5:    "c32a1d4ab5d03f1284b67883e8d87530",
	}},
}

var cifar100Source = source{
	name: "cifar100", mirrors: []string{cifarMirror}, read: cifar100.load,
	files: []fetch.File{{Name: cifar100.archive, Most: mostCIFAR, MD5: "03b5dce01913d631647c71ecec9e9cb8"}},
}
