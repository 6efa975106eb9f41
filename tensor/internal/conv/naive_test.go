package conv

// The oracle: the definition of a convolution as loops, and its derivatives by the same loops.

// eachProduct calls f for every product weight[w]*x[x] that is summed into y[y].
func eachProduct(s *Shape, f func(y, w, x int)) {
	cg, og := s.C/s.Groups, s.O/s.Groups
	for n := range s.N {
		for o := range s.O {
			for i := range s.Out[0] {
				for j := range s.Out[1] {
					y := ((n*s.O+o)*s.Out[0]+i)*s.Out[1] + j
					for c := range cg {
						for a := range s.Kernel[0] {
							for b := range s.Kernel[1] {
								h, w := i*s.Stride[0]+a*s.Dilation[0]-s.Padding[0], j*s.Stride[1]+b*s.Dilation[1]-s.Padding[1]
								if h < 0 || h >= s.In[0] || w < 0 || w >= s.In[1] {
									continue
								}
								f(y, ((o*cg+c)*s.Kernel[0]+a)*s.Kernel[1]+b, ((n*s.C+o/og*cg+c)*s.In[0]+h)*s.In[1]+w)
							}
						}
					}
				}
			}
		}
	}
}

func naiveForward(s *Shape, y, x, weight, bias []float64) {
	for i := range y {
		y[i] = 0
		if bias != nil {
			y[i] = bias[i/s.outLen()%s.O]
		}
	}
	eachProduct(s, func(i, j, k int) { y[i] += weight[j] * x[k] })
}

func naiveGradInput(s *Shape, dx, dy, weight, bias []float64) {
	for i := range dx {
		dx[i] = 0
		if bias != nil {
			dx[i] = bias[i/s.inLen()%s.C]
		}
	}
	eachProduct(s, func(i, j, k int) { dx[k] += weight[j] * dy[i] })
}

func naiveGradWeight(s *Shape, dw, x, dy []float64) {
	clear(dw)
	eachProduct(s, func(i, j, k int) { dw[j] += x[k] * dy[i] })
}
