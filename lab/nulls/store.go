package nulls

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/data/atomicfile"
	"elegans/internal/jsondiff"
	"elegans/internal/quote"
	"elegans/internal/regular"
)

const (
	// configFile says what the folder of a comparison was measured with.
	configFile = "nulls.json"
	// membersFile has a line of JSON for each network that was measured.
	membersFile = "networks.jsonl"
	// maxMembers is the largest membersFile that is read, in bytes.
	maxMembers = 1 << 30
)

// store keeps members in a folder. The one without a folder keeps nothing.
type store struct {
	unlock func()
	file   *os.File
}

// made is the content of configFile.
type made struct {
	Config Config `json:"config"`
	// Graph is the SHA-256 of the neurons and edges of the graph.
	Graph string `json:"graph_sha256"`
}

// open returns the store of a folder, which is made if need be, and the members that it has, nil
// for each that is missing. What the folder holds must have been measured with the same graph and
// Config, but for the number of null graphs, which may have been smaller.
func open(dir string, c *Config, g *connectome.Graph) (*store, []*Member, error) {
	members := make([]*Member, c.Members())
	if dir == "" {
		return &store{}, members, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, err
	}
	unlock, err := train.Lock(dir)
	if err != nil {
		return nil, nil, err
	}
	s := &store{unlock: unlock}
	if err := s.open(dir, c, g, members); err != nil {
		s.Close()
		return nil, nil, err
	}
	return s, members, nil
}

func (s *store) open(dir string, c *Config, g *connectome.Graph, members []*Member) error {
	graph, err := sum(g)
	if err != nil {
		return err
	}
	now, err := json.MarshalIndent(made{*c, graph}, "", "  ")
	if err != nil {
		return err
	}
	path, lines := filepath.Join(dir, configFile), filepath.Join(dir, membersFile)
	before, err := regular.ReadFile(path, 1<<24)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(lines); err == nil {
			return fmt.Errorf("%s: lies there without %s; name another folder", lines, configFile)
		}
		if err := atomicfile.WriteBytes(path, append(now, '\n')); err != nil {
			return err
		}
	case err != nil:
		return err
	default:
		if before, err = moreGraphs(before, c.Graphs); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		field, found, want, err := jsondiff.First(before, now)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		if field != "" {
			return fmt.Errorf("%s: %s is %s, expected %s; name another folder", path, field, quote.Text(found), quote.Text(want))
		}
		if err := atomicfile.WriteBytes(path, append(now, '\n')); err != nil {
			return err
		}
	}
	whole, err := read(lines, c, members)
	if err != nil {
		return err
	}
	if s.file, err = os.OpenFile(lines, os.O_WRONLY|os.O_CREATE, 0o666); err != nil {
		return err
	}
	// What follows the last whole line was being written when the program was ended.
	if err := s.file.Truncate(whole); err != nil {
		return err
	}
	_, err = s.file.Seek(whole, 0)
	return err
}

// moreGraphs returns what configFile says with the number of graphs raised: those that were
// measured are the first of more.
func moreGraphs(b []byte, graphs int) ([]byte, error) {
	var m made
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	m.Config.Graphs = max(m.Config.Graphs, graphs)
	return json.Marshal(m)
}

// read puts the members of a file into their places and returns the length of its whole lines.
func read(path string, c *Config, members []*Member) (whole int64, err error) {
	b, err := regular.ReadFile(path, maxMembers)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	end := bytes.LastIndexByte(b, '\n') + 1
	for number, line := range bytes.Split(bytes.TrimSuffix(b[:end], []byte("\n")), []byte("\n")) {
		if end == 0 {
			break
		}
		m, err := c.parse(line)
		if err == nil && members[m.Index] != nil {
			err = fmt.Errorf("network %d a second time", m.Index)
		}
		if err != nil {
			return 0, fmt.Errorf("%s:%d: %w", path, number+1, err)
		}
		members[m.Index] = m
	}
	return int64(end), nil
}

// parse reads the line of a member and checks that it is complete.
func (c *Config) parse(line []byte) (*Member, error) {
	m := &Member{}
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(m); err != nil {
		return nil, err
	}
	if m.Index < 0 || m.Index >= c.Members() {
		return nil, fmt.Errorf("network %d, expected 0 to %d", m.Index, c.Members()-1)
	}
	if want, _ := c.member(m.Index); m.Model != want {
		return nil, fmt.Errorf("network %d of the model %s, expected %s", m.Index, quote.Text(m.Model), quote.Text(want))
	}
	if len(m.Arms) != len(c.Arms) {
		return nil, fmt.Errorf("network %d with %d tasks, expected %d", m.Index, len(m.Arms), len(c.Arms))
	}
	for _, arm := range m.Arms {
		if len(arm) != len(c.Scales) {
			return nil, fmt.Errorf("network %d with %d scales, expected %d", m.Index, len(arm), len(c.Scales))
		}
		for _, v := range arm {
			if len(v.Valid) != c.Seeds || len(v.Test) != c.Seeds {
				return nil, fmt.Errorf("network %d with %d and %d seeds, expected %d", m.Index, len(v.Valid), len(v.Test), c.Seeds)
			}
		}
	}
	return m, nil
}

// add writes a member.
func (s *store) add(m *Member) error {
	if s.file == nil {
		return nil
	}
	b, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := s.file.Write(append(b, '\n')); err != nil {
		return err
	}
	return s.file.Sync()
}

// Close lets others use the folder.
func (s *store) Close() {
	if s.file != nil {
		_ = s.file.Close() // every line was synchronised
	}
	if s.unlock != nil {
		s.unlock()
	}
}

// sum returns the SHA-256 of a graph in its JSON form, in hexadecimal.
func sum(g *connectome.Graph) (string, error) {
	h := sha256.New()
	err := connectome.WriteJSON(h, g)
	return hex.EncodeToString(h.Sum(nil)), err
}
