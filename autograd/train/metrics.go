package train

// Metrics collects weighted means under names, in the order of their first use.
type Metrics struct {
	Names  []string  `json:"names"`
	Sums   []float64 `json:"sums"`
	Weight []float64 `json:"weight"`
}

// Add adds weight examples whose values sum to sum.
func (m *Metrics) Add(name string, sum, weight float64) {
	for i, n := range m.Names {
		if n == name {
			m.Sums[i] += sum
			m.Weight[i] += weight
			return
		}
	}
	m.Names, m.Sums, m.Weight = append(m.Names, name), append(m.Sums, sum), append(m.Weight, weight)
}

// Mean returns the mean under a name; ok is false if nothing was added.
func (m *Metrics) Mean(name string) (mean float64, ok bool) {
	for i, n := range m.Names {
		if n == name && m.Weight[i] != 0 {
			return m.Sums[i] / m.Weight[i], true
		}
	}
	return 0, false
}

// Reset sets all sums to zero and keeps the names.
func (m *Metrics) Reset() {
	clear(m.Sums)
	clear(m.Weight)
}

// means returns all means by name.
func (m *Metrics) means() map[string]float64 {
	r := make(map[string]float64, len(m.Names))
	for _, n := range m.Names {
		if v, ok := m.Mean(n); ok {
			r[n] = v
		}
	}
	return r
}
