package nulls

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"elegans/autograd/train"
	"elegans/connectome"
	"elegans/internal/quote"
	"elegans/lab/jobs"
)

const (
	// configFile says what the folder of a comparison was measured with.
	configFile = "nulls.json"
	// membersFile has a line of JSON for each network that was measured.
	membersFile = "networks.jsonl"
)

// made is the content of configFile.
type made struct {
	Config Config `json:"config"`
	// Graph is the SHA-256 of the neurons and edges of the graph.
	Graph string `json:"graph_sha256"`
}

// open returns the ledger of a folder, which is made if need be, and the members that it has, nil
// for each that is missing. What the folder holds must have been measured with the same graph and
// Config, but for the number of null graphs, which may have been smaller. Without a folder there is
// no ledger. The caller calls unlock at the end.
func open(dir string, c *Config, g *connectome.Graph) (l *jobs.Ledger, members []*Member, unlock func(), err error) {
	members = make([]*Member, c.Members())
	if dir == "" {
		return nil, members, func() {}, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, nil, nil, err
	}
	unlock, err = train.Lock(dir)
	if err != nil {
		return nil, nil, nil, err
	}
	graph, err := sum(g)
	if err == nil {
		l = &jobs.Ledger{Dir: dir, Description: configFile, Lines: membersFile, Adapt: func(before []byte) ([]byte, error) {
			return moreGraphs(before, c.Graphs)
		}}
		err = l.Open(made{*c, graph}, func(line []byte) error {
			m, err := c.parse(line)
			if err == nil && members[m.Index] != nil {
				err = fmt.Errorf("network %d a second time", m.Index)
			}
			if err == nil {
				members[m.Index] = m
			}
			return err
		})
	}
	if err != nil {
		unlock()
		return nil, nil, nil, err
	}
	return l, members, unlock, nil
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

// parse reads the line of a member and checks that it is complete.
func (c *Config) parse(line []byte) (*Member, error) {
	m := &Member{}
	if err := jobs.Decode(line, m); err != nil {
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

// sum returns the SHA-256 of a graph in its JSON form, in hexadecimal.
func sum(g *connectome.Graph) (string, error) {
	h := sha256.New()
	err := connectome.WriteJSON(h, g)
	return hex.EncodeToString(h.Sum(nil)), err
}
