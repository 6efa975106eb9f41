package connectome

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"elegans/internal/quote"
)

// Role is what a neuron does in the circuit.
type Role uint8

// The roles. Unknown means that the source records none; it is not a synonym of Inter, although
// Graph.RoleOf treats it as one.
const (
	Unknown Role = iota
	Sensory
	Inter
	Motor
)

// Roles lists the three roles that RoleOf can return, in the order in which signals pass them.
var Roles = [3]Role{Sensory, Inter, Motor}

// String returns "unknown", "sensory", "inter" or "motor".
func (r Role) String() string {
	switch r {
	case Unknown:
		return "unknown"
	case Sensory:
		return "sensory"
	case Inter:
		return "inter"
	case Motor:
		return "motor"
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// Letter returns "S", "I", "M", or "" for Unknown: the form used in files.
func (r Role) Letter() string {
	switch r {
	case Sensory:
		return "S"
	case Inter:
		return "I"
	case Motor:
		return "M"
	}
	return ""
}

// ParseRole reads a role as files spell it: S, I, M, the words sensory, sensor, inter, interneuron,
// motor and motorneuron in any case, or NA, unknown and the empty string for Unknown.
func ParseRole(s string) (Role, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "na", "unknown":
		return Unknown, nil
	case "s", "sensory", "sensor":
		return Sensory, nil
	case "i", "inter", "interneuron":
		return Inter, nil
	case "m", "motor", "motorneuron":
		return Motor, nil
	}
	return Unknown, fmt.Errorf("role %s, expected S, I, M or NA", quote.Text(s))
}

// Position is a point in the worm, in micrometres.
type Position struct {
	X float64 `json:"x"` // to the left
	Y float64 `json:"y"` // to the tail: anterior is negative, posterior positive
	Z float64 `json:"z"` // dorsal
}

// Neuron is one vertex. Name is required and unique in its graph; everything else may be empty.
type Neuron struct {
	Name  string // cell name, such as AVAL
	ID    string // number or key of the cell in its source
	Class string // class of equivalent cells, such as AVA
	Role  Role   // Unknown if the source records none
	// ACh, Glu, GABA, 5-HT, DA, tyramine, octopamine; the first is the main one
	Transmitters []string
	HasSoma      bool     // whether Soma is known
	Soma         Position // centre of the cell body
	// Extra holds attributes of the file that have no field here; never empty strings.
	Extra map[string]string
}

// Releases reports whether the neuron releases the named transmitter ("GABA").
func (n *Neuron) Releases(transmitter string) bool {
	return slices.Contains(n.Transmitters, transmitter)
}

func (n *Neuron) clone() Neuron {
	c := *n
	c.Transmitters = slices.Clone(n.Transmitters)
	c.Extra = maps.Clone(n.Extra)
	return c
}

func (n *Neuron) equal(o *Neuron) bool {
	return n.Name == o.Name && n.ID == o.ID && n.Class == o.Class && n.Role == o.Role &&
		slices.Equal(n.Transmitters, o.Transmitters) &&
		n.HasSoma == o.HasSoma && n.Soma == o.Soma && maps.Equal(n.Extra, o.Extra)
}
