"""Many tensors in one vector."""

import torch

from sigmoid_lab.engine.flat import VECTOR, flatten, side_by_side
from sigmoid_lab.engine.networks import DeepNet, linear_layers

TENSORS = [torch.rand(3, 5), torch.rand(2 * VECTOR), torch.rand(1), torch.rand(3, 4, 5)]


def test_views_hold_the_tensors_values_in_their_shapes() -> None:
    _, views = side_by_side(TENSORS)
    assert [view.shape for view in views] == [tensor.shape for tensor in TENSORS]
    assert all(map(torch.equal, views, TENSORS))


def test_a_change_of_the_vector_is_one_of_every_view() -> None:
    vector, views = side_by_side(TENSORS)
    vector.add_(1.0)
    assert all(torch.equal(view, tensor + 1.0) for view, tensor in zip(views, TENSORS, strict=True))


def test_every_tensor_begins_at_a_whole_processor_vector_and_zeros_fill_up() -> None:
    vector, views = side_by_side(TENSORS)
    assert all(view.storage_offset() % VECTOR == 0 for view in views)
    assert len(vector) % VECTOR == 0
    assert vector.count_nonzero() == sum(tensor.count_nonzero() for tensor in TENSORS)


def test_a_flattened_network_gives_what_it_gave_and_follows_its_vector() -> None:
    network, x = DeepNet(4, 2, 6, copies=3), torch.rand(5, 4)
    before = network(x)
    vector = flatten(network)
    assert torch.equal(network(x), before)
    vector.zero_()
    assert all(not parameter.any() for parameter in network.parameters())


def test_weights_come_before_biases() -> None:
    network = DeepNet(4, 2, 6, copies=3)
    vector = flatten(network)
    layers = linear_layers(network)
    places = [tensor.storage_offset() for tensor in (*(x.weight for x in layers), *(x.bias for x in layers))]
    assert places == sorted(places)
    assert places[0] == vector.storage_offset()
