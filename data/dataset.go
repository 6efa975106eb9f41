package data

import (
	"fmt"

	"elegans/tensor"
)

// Dataset is a set of labelled images of one size. It is immutable and may be read by several
// goroutines; Subset, Split and Take share its pixels.
type Dataset struct {
	name       string
	provenance string
	classes    []string
	channels   int
	height     int
	width      int

	pixels []uint8       // [all, C, H, W]; nil if values is used
	levels *[256]float32 // what a pixel stands for
	values []float32     // [all, C, H, W]
	labels []int         // [all]
	ends   [2]float64    // values of the source that became 0 and 1
	index  []int         // positions of this set's images among all; nil means all, in order
}

// FromBytes makes a Dataset of images stored as bytes, in the order [N, C, H, W]; a pixel p stands
// for p/top, so 255 (16 for the digits) gives values in [0, 1]. The slices are used, not copied.
// The error names the first label out of range, or the length that does not fit.
func FromBytes(name, provenance string, classes []string, pixels []uint8, top uint8, labels []int, c, h, w int) (*Dataset, error) {
	d := &Dataset{name: name, provenance: provenance, classes: classes, channels: c, height: h, width: w, pixels: pixels, labels: labels,
		ends: [2]float64{0, float64(top)}}
	if top == 0 {
		return nil, fmt.Errorf("%s: top 0, expected 1 to 255", name)
	}
	d.levels = new([256]float32)
	for p := range d.levels {
		d.levels[p] = float32(p) / float32(top)
	}
	return d, d.check(len(pixels))
}

// FromTensor makes a Dataset of images [N, C, H, W] of any values, which must be contiguous (it
// panics otherwise). Storage is shared, not copied.
func FromTensor(name, provenance string, classes []string, images *tensor.Tensor[float32], labels []int) (*Dataset, error) {
	if images.Dims() != 4 {
		tensor.PanicShape("data.FromTensor", "want [N, C, H, W]", images.Shape())
	}
	d := &Dataset{name: name, provenance: provenance, classes: classes, channels: images.Dim(1), height: images.Dim(2), width: images.Dim(3),
		values: images.Data(), labels: labels, ends: [2]float64{0, 1}}
	return d, d.check(images.Len())
}

func (d *Dataset) check(n int) error {
	if d.channels < 1 || d.height < 1 || d.width < 1 || n != len(d.labels)*d.imageLen() {
		return fmt.Errorf("%s: %d pixels for %d labels, expected images of %dx%dx%d", d.name, n, len(d.labels), d.channels, d.height, d.width)
	}
	for i, l := range d.labels {
		if l < 0 || l >= len(d.classes) {
			return fmt.Errorf("%s: image %d: label %d, expected 0 to %d", d.name, i, l, len(d.classes)-1)
		}
	}
	return nil
}

func (d *Dataset) imageLen() int { return d.channels * d.height * d.width }

// Name returns what Load was asked for, such as "mnist".
func (d *Dataset) Name() string { return d.name }

// Provenance says in a sentence or two where the images come from, under what licence if known, and
// which part of the original this is.
func (d *Dataset) Provenance() string { return d.provenance }

// Len returns the number of images.
func (d *Dataset) Len() int {
	if d.index != nil {
		return len(d.index)
	}
	return len(d.labels)
}

// Shape returns the number of channels, the height and the width of an image.
func (d *Dataset) Shape() (c, h, w int) { return d.channels, d.height, d.width }

// Range returns the values of the source that became 0 and 1, such as 0 and 255.
func (d *Dataset) Range() [2]float64 { return d.ends }

// Classes returns the names of the classes; label k means name k. The slice belongs to the Dataset.
func (d *Dataset) Classes() []string { return d.classes }

// at returns the position of image i among all images.
func (d *Dataset) at(i int) int {
	if d.index != nil {
		return d.index[i]
	}
	return i
}

// Label returns the label of image i.
func (d *Dataset) Label(i int) int { return d.labels[d.at(i)] }

// Labels returns a copy of all labels.
func (d *Dataset) Labels() []int {
	v := make([]int, d.Len())
	for i := range v {
		v[i] = d.Label(i)
	}
	return v
}

// ClassCounts returns the number of images of each class.
func (d *Dataset) ClassCounts() []int {
	n := make([]int, len(d.classes))
	for i := range d.Len() {
		n[d.Label(i)]++
	}
	return n
}

// Pixels writes image i into dst, which holds C*H*W values.
func (d *Dataset) Pixels(dst []float32, i int) {
	n := d.imageLen()
	o := d.at(i) * n
	dst = dst[:n]
	if d.values != nil {
		copy(dst, d.values[o:])
		return
	}
	levels := d.levels
	for j, p := range d.pixels[o : o+n] {
		dst[j] = levels[p]
	}
}

// Batch writes the images of the given indices into dst, which is contiguous and of shape [n, C, H,
// W] or any other with as many elements behind its first axis, such as [n, C*H*W], and their labels
// into labels, which has length n or is nil. It allocates nothing.
func (d *Dataset) Batch(dst *tensor.Tensor[float32], labels []int, indices []int) {
	n, size := len(indices), d.imageLen()
	if dst.Dims() < 1 || dst.Dim(0) != n || dst.Len() != n*size {
		tensor.PanicShape("data.Dataset.Batch", "destination for these images", dst.Shape(), []int{n, d.channels, d.height, d.width})
	}
	if labels != nil && len(labels) != n {
		tensor.PanicUsage("data.Dataset.Batch", fmt.Sprintf("%d labels for %d indices", len(labels), n))
	}
	pix := dst.Data()
	for j, i := range indices {
		d.Pixels(pix[j*size:], i)
		if labels != nil {
			labels[j] = d.Label(i)
		}
	}
}

// Images returns all images as a new tensor [N, C, H, W] and their labels.
func (d *Dataset) Images() (*tensor.Tensor[float32], []int) {
	t := tensor.New[float32](d.Len(), d.channels, d.height, d.width)
	pix, size := t.Data(), d.imageLen()
	for i := range d.Len() {
		d.Pixels(pix[i*size:], i)
	}
	return t, d.Labels()
}

// Subset returns the Dataset of the given images, in that order; an index may occur more than once.
// It panics on an index out of range.
func (d *Dataset) Subset(indices []int) *Dataset {
	s := *d
	s.index = make([]int, len(indices))
	for i, j := range indices {
		if j < 0 || j >= d.Len() {
			tensor.PanicUsage("data.Dataset.Subset", fmt.Sprintf("index %d of %d images", j, d.Len()))
		}
		s.index[i] = d.at(j)
	}
	return &s
}

// Take returns the first n images, or all if there are fewer.
func (d *Dataset) Take(n int) *Dataset {
	idx := make([]int, min(max(n, 0), d.Len()))
	for i := range idx {
		idx[i] = i
	}
	return d.Subset(idx)
}

// describe returns a copy with another name and provenance.
func (d *Dataset) describe(name, provenance string) *Dataset {
	s := *d
	s.name, s.provenance = name, provenance
	return &s
}

// String reads like "mnist: 60000 images 1x28x28, 10 classes".
func (d *Dataset) String() string {
	return fmt.Sprintf("%s: %d images %dx%dx%d, %d classes", d.name, d.Len(), d.channels, d.height, d.width, len(d.classes))
}

// digitClasses names the classes 0 to 9.
func digitClasses() []string { return []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"} }
