// Package draw makes pictures of connectomes: where to put each neuron (Layout) and a
// self-contained SVG (SVG) with the neurons coloured by role or by a value such as their
// activation.
//
// Neurons with soma positions are laid out as the worm lies under a microscope, anterior to the
// left: Side shows it from its left with dorsal up, Top from above with its left side down. The
// side view is straightened along the ventral nerve cord. Where most neurons crowd in a few ganglia
// the long axis is stretched (Options.Stretch) and discs are pushed apart until they do not
// overlap; the ticks under the body show true micrometres. A graph without positions is drawn on a
// circle, grouped by role.
//
// The same graph and options give the same bytes. Wrong options (a value for too few neurons, a
// value that is not finite) are returned as errors.
package draw
