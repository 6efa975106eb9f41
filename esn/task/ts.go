package task

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"elegans/esn"
	"elegans/internal/memory"
	"elegans/internal/quote"
	"elegans/tensor"
)

// Labelled are sequences with a class each.
type Labelled struct {
	Name    string
	Classes []string
	Series  []*tensor.Tensor[float64] // [T, K] each, of unequal lengths as a rule
	Labels  []int                     // of the classes
}

// ReadTS reads a file in the format .ts of sktime and aeon for classification: lines that begin
// with @ describe the set, and behind @data each line is a case, its channels separated by colons,
// their values by commas, and the label last:
//
//	@problemName JapaneseVowels
//	@classLabel true 1 2 3
//	@data
//	1.86,1.89,1.94:.21,.16,.14:2
//
// Lines that begin with # and blank lines are skipped. The channels of a case have one length, that
// of different cases may differ. Time stamps, targets that are numbers and missing values are
// refused.
func ReadTS(path string) (*Labelled, error) {
	f, err := openText(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // only read from
	return readTS(f)
}

// tsHeader is what the lines that begin with @ say.
type tsHeader struct {
	dimensions int // 0 where it does not say
	length     int // likewise
	labels     bool
}

// tsReader is at a line.
type tsReader struct {
	file   *textFile
	line   int
	header tsHeader
	set    Labelled
	class  map[string]int
	taken  float64 // bytes of the series so far
}

func readTS(f *textFile) (*Labelled, error) {
	r := &tsReader{file: f, class: map[string]int{}}
	inData := false
	for {
		text, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch {
		case text == "" || text[0] == '#':
		case inData:
			if err := r.instance(text); err != nil {
				return nil, err
			}
		case text[0] != '@':
			return nil, r.wrong(quote.Text(text), "a line that begins with @ or #, up to @data")
		case strings.EqualFold(text, "@data"):
			if !r.header.labels {
				return nil, r.wrong("@data without a line @classLabel true before it", "a set for classification")
			}
			inData = true
		default:
			if err := r.tag(text); err != nil {
				return nil, err
			}
		}
	}
	if !inData {
		return nil, r.wrong("the file ends", "a line @data")
	}
	if len(r.set.Series) == 0 {
		return nil, r.wrong("the file ends", "at least one case behind @data")
	}
	return &r.set, nil
}

// next returns a line without space around it.
func (r *tsReader) next() (string, error) {
	line, err := r.file.ReadString('\n')
	if err != nil && (line == "" || !errors.Is(err, io.EOF)) {
		return "", err
	}
	r.line++
	return strings.TrimSpace(line), nil
}

func (r *tsReader) wrong(found, expected string) error {
	return &FormatError{File: r.file.name, Where: fmt.Sprintf("line %d", r.line), Found: found, Expected: expected}
}

// tag reads a line of the header. The ones that are not known say nothing that matters here.
func (r *tsReader) tag(text string) error {
	fields := strings.Fields(text)
	key, rest := strings.ToLower(fields[0]), fields[1:]
	flag := func() (bool, error) {
		if len(rest) > 0 {
			switch strings.ToLower(rest[0]) {
			case "true":
				return true, nil
			case "false":
				return false, nil
			}
		}
		return false, r.wrong(quote.Text(text), fields[0]+" true or false")
	}
	count := func() (int, error) {
		if len(rest) == 1 {
			if n, err := strconv.Atoi(rest[0]); err == nil && n > 0 {
				return n, nil
			}
		}
		return 0, r.wrong(quote.Text(text), fields[0]+" and a whole number of at least 1")
	}
	var err error
	switch key {
	case "@problemname":
		r.set.Name = strings.Join(rest, " ")
	case "@timestamps", "@missing", "@targetlabel":
		on, err := flag()
		if err == nil && on {
			err = r.wrong(quote.Text(text), fields[0]+" false: what it announces is not read")
		}
		return err
	case "@dimensions", "@dimension":
		r.header.dimensions, err = count()
	case "@serieslength":
		r.header.length, err = count()
	case "@classlabel":
		on, err := flag()
		switch {
		case err != nil:
			return err
		case !on || len(rest) < 2:
			return r.wrong(quote.Text(text), "@classLabel true and the names of the classes")
		case r.header.labels:
			return r.wrong("a second line @classLabel", "one")
		}
		r.header.labels = true
		for _, name := range rest[1:] {
			if _, twice := r.class[name]; twice {
				return r.wrong("the class "+quote.Text(name)+" twice", "names that differ")
			}
			r.class[name] = len(r.set.Classes)
			r.set.Classes = append(r.set.Classes, name)
		}
	}
	return err
}

// instance reads a case.
func (r *tsReader) instance(text string) error {
	parts := strings.Split(text, ":")
	label, channels := strings.TrimSpace(parts[len(parts)-1]), parts[:len(parts)-1]
	class, known := r.class[label]
	switch {
	case len(channels) == 0:
		return r.wrong("no colon", "channels and a label, separated by colons")
	case !known:
		return r.wrong("the label "+quote.Text(label), "one of the classes that @classLabel names")
	case r.header.dimensions > 0 && len(channels) != r.header.dimensions:
		return r.wrong(fmt.Sprintf("%d channels", len(channels)), fmt.Sprintf("%d as @dimensions says", r.header.dimensions))
	case len(r.set.Series) > 0 && len(channels) != r.set.Series[0].Dim(1):
		return r.wrong(fmt.Sprintf("%d channels", len(channels)), fmt.Sprintf("%d as in the first case", r.set.Series[0].Dim(1)))
	}
	rows := strings.Count(channels[0], ",") + 1
	if r.header.length > 0 && rows != r.header.length {
		return r.wrong(fmt.Sprintf("%d values", rows), fmt.Sprintf("%d as @seriesLength says", r.header.length))
	}
	r.taken += 8 * float64(rows) * float64(len(channels))
	if err := memory.Need(quote.Name(r.file.name), r.taken); err != nil {
		return err
	}
	x := tensor.New[float64](rows, len(channels))
	for c, channel := range channels {
		at := 0
		for field := range strings.SplitSeq(channel, ",") {
			v, err := finite(strings.TrimSpace(field))
			if err != nil {
				return r.wrong(fmt.Sprintf("channel %d, value %d: %s", c+1, at+1, quote.Text(field)), err.Error())
			}
			if at < rows {
				x.Set(v, at, c)
			}
			at++
		}
		if at != rows {
			return r.wrong(fmt.Sprintf("channel %d has %d values", c+1, at), fmt.Sprintf("%d as the first channel has", rows))
		}
	}
	r.set.Series = append(r.set.Series, x)
	r.set.Labels = append(r.set.Labels, class)
	return nil
}

// sequences returns the cases as sequences of a classification.
func (l *Labelled) sequences() []esn.Sequence {
	s := make([]esn.Sequence, len(l.Series))
	for i, x := range l.Series {
		s[i] = esn.Sequence{Input: x, Target: oneHot(l.Labels[i], len(l.Classes))}
	}
	return s
}

// oneHot returns the target of a class.
func oneHot(class, classes int) *tensor.Tensor[float64] {
	y := tensor.New[float64](1, classes)
	y.Set(1, 0, class)
	return y
}

// same reports whether two sets have the classes and the channels in common.
func (l *Labelled) same(m *Labelled) bool {
	return slices.Equal(l.Classes, m.Classes) && l.Series[0].Dim(1) == m.Series[0].Dim(1)
}
