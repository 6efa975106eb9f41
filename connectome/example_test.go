package connectome_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"elegans/connectome"
)

func ExampleCanonical() {
	worm := connectome.Canonical()
	chemical, _ := worm.Count(connectome.Chemical)
	gap, loops := worm.Count(connectome.Gap)
	fmt.Printf("%d neurons, %d chemical connections of %v synapses, %d gap junctions and %d loops\n", worm.Len(), chemical, worm.Weight(connectome.Chemical), gap-loops, loops)
	i, _ := worm.Index("AVAL")
	n := worm.Neurons[i]
	fmt.Printf("%s of class %s: %v, %v, receives from %d neurons\n", n.Name, n.Class, worm.RoleOf(i), n.Transmitters, len(worm.Neighbours(connectome.Chemical, connectome.Incoming, i)))
	// Output:
	// 279 neurons, 2194 chemical connections of 6394 synapses, 514 gap junctions and 3 loops
	// AVAL of class AVA: inter, [ACh], receives from 53 neurons
}

// The published graph has the right edges under wrong names.
func ExampleShipped() {
	shipped, canonical := connectome.Shipped(), connectome.Canonical()
	i, _ := shipped.Index("VD13")
	fmt.Printf("the vertex called VD13 is cell %s", shipped.Neurons[i].ID)
	for _, n := range canonical.Neurons {
		if n.ID == shipped.Neurons[i].ID {
			fmt.Printf(", which is %s\n", n.Name)
		}
	}
	fmt.Println(shipped.Weight(connectome.Chemical), "synapses instead of", canonical.Weight(connectome.Chemical))
	// Output:
	// the vertex called VD13 is cell 108, which is DD06
	// 5043 synapses instead of 6394
}

func ExampleNew() {
	g, err := connectome.New("reflex",
		[]connectome.Neuron{{Name: "touch", Role: connectome.Sensory}, {Name: "command", Role: connectome.Inter}, {Name: "muscle", Role: connectome.Motor}},
		[]connectome.Edge{
			{Pre: 0, Post: 1, Layer: connectome.Chemical, Weight: 4},
			{Pre: 1, Post: 2, Layer: connectome.Chemical, Weight: 9},
			{Pre: 2, Post: 1, Layer: connectome.Gap, Weight: 1},
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := connectome.WriteEdges(os.Stdout, g, ','); err != nil {
		fmt.Println(err)
	}
	// Output:
	// pre,post,type,weight
	// touch,command,C,4
	// command,muscle,C,9
	// command,muscle,E,1
}

func ExampleGraph_CSR() {
	worm := connectome.Canonical()
	m := worm.CSR(connectome.Chemical, connectome.Incoming)
	i, _ := worm.Index("DD06")
	for k := m.RowPtr[i]; k < m.RowPtr[i+1]; k++ {
		fmt.Println(worm.Neurons[m.Col[k]].Name, "->", worm.Neurons[i].Name, m.Weight[k])
	}
	// Output:
	// AVL -> DD06 2
	// DA09 -> DD06 1
	// DVB -> DD06 3
	// PDA -> DD06 1
	// VA11 -> DD06 10
	// VA12 -> DD06 2
	// VB10 -> DD06 9
	// VB11 -> DD06 7
}

func ExampleReadEdges() {
	table := "pre\tpost\ttype\tweight\nAVAL\tAVAR\tE\t5\nAVAR\tAVAL\tE\t5\nASHL\tAVAL\tC\tmany\n"
	_, _, err := connectome.ReadEdges(strings.NewReader(table), "worm.tsv", '\t', nil)
	fmt.Println(err)
	g, defects, err := connectome.ReadEdges(strings.NewReader(strings.Replace(table, "many", "3", 1)), "worm.tsv", '\t', nil)
	fmt.Println(g.Len(), "neurons", err)
	for _, d := range defects {
		fmt.Println(d)
	}
	// Output:
	// worm.tsv:4: weight "many" is not a finite number
	// 3 neurons <nil>
	// gap-both-directions (1): gap junctions stand in both directions; each is stored once
}

func ExampleLoad() {
	g, defects, err := connectome.Load(context.Background(), "canonical")
	fmt.Println(g.Name, len(defects), err)
	// Output: canonical 0 <nil>
}
