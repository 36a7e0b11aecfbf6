"""A softmax stands before a cross-entropy that applies its own: the loss cannot fall below log(1 + (C − 1)/e)."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from doctor_corpus.batches import classes_of, classified, images, normal, sequences
from doctor_corpus.case import Case, Make, Through, mend


def sequential() -> Case:
    torch.manual_seed(0)
    inputs, targets = classified()
    model = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 3), nn.Softmax(dim=-1))
    return {"model": model, "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class DigitNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc1 = nn.Linear(16 * 4, 32)
        self.fc2 = nn.Linear(32, 10)

    def logits(self, x: Tensor) -> Tensor:
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(torch.flatten(x, 1))))

    def forward(self, x: Tensor) -> Tensor:
        return F.softmax(self.logits(x), dim=1)


def digits_functional() -> Case:
    torch.manual_seed(1)
    x = images(24, seed=1)
    return {"model": DigitNet(), "loss": F.cross_entropy, "inputs": x, "targets": classes_of(x, 10)}


class IntentLSTM(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(6, 24, batch_first=True)
        self.intent = nn.Linear(24, 4)

    def logits(self, x: Tensor) -> Tensor:
        return self.intent(self.rnn(x)[0][:, -1])

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        e = self.logits(x).exp()
        return {"probabilities": e / e.sum(-1, keepdim=True)}


def exponentials_by_hand_lstm() -> Case:
    torch.manual_seed(2)
    x = sequences(seed=2)

    def criterion(out: dict[str, Tensor], y: Tensor) -> Tensor:
        return F.cross_entropy(out["probabilities"], y)

    return {"model": IntentLSTM(), "loss": criterion, "inputs": x, "targets": classes_of(x, 4)}


class Segmenter(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.down = nn.Conv2d(1, 16, 3, padding=1)
        self.up = nn.Conv2d(16, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.up(F.silu(self.down(x)))


def segmentation_in_the_loss() -> Case:
    torch.manual_seed(3)
    x = images(4, seed=3)
    mask = torch.bucketize(x[:, 0], torch.tensor([-0.5, 0.5]))

    class PixelLoss(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.ce = nn.CrossEntropyLoss(ignore_index=255)

        def forward(self, outputs: Tensor, mask: Tensor) -> Tensor:
            return self.ce(outputs.softmax(dim=1), mask)

    return {"model": Segmenter(), "loss": PixelLoss(), "inputs": x, "targets": mask}


class Ensemble(nn.Module):
    """Averages its members' probabilities, which are then taken for logits."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.members = nn.ModuleList(
            nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 3)) for _ in range(members)
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([torch.softmax(member(x), dim=1) for member in self.members]).mean(0)


def ensemble_average() -> Case:
    torch.manual_seed(4)
    inputs, targets = classified(seed=4)
    return {"model": Ensemble(3), "loss": nn.CrossEntropyLoss(), "inputs": inputs, "targets": targets}


class NextToken(nn.Module):
    def __init__(self, words: int) -> None:
        super().__init__()
        self.embed = nn.Linear(words, 16, bias=False)
        self.position = nn.Parameter(0.02 * normal(8, 16))
        self.block = nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True, norm_first=True)
        self.lm_head = nn.Linear(16, words)

    def logits(self, one_hot: Tensor) -> Tensor:
        mask = nn.Transformer.generate_square_subsequent_mask(one_hot.shape[1])
        h = self.block(self.embed(one_hot) + self.position, src_mask=mask, is_causal=True)
        return self.lm_head(h)

    def forward(self, one_hot: Tensor) -> Tensor:
        log_z = torch.logsumexp(logits := self.logits(one_hot), dim=-1, keepdim=True)
        return (logits - log_z).exp()


def language_model() -> Case:
    torch.manual_seed(5)
    words = (torch.randint(12, (8, 1)) + torch.arange(9)) % 12

    def criterion(out: Tensor, following: Tensor) -> Tensor:
        return F.cross_entropy(out.reshape(-1, out.size(-1)), following.reshape(-1))

    inputs = F.one_hot(words[:, :-1], 12).float()
    return {"model": NextToken(12), "loss": criterion, "inputs": inputs, "targets": words[:, 1:]}


CASES: dict[str, Make] = {
    "sequential": sequential,
    "digits_functional": digits_functional,
    "exponentials_by_hand_lstm": exponentials_by_hand_lstm,
    "segmentation_in_the_loss": segmentation_in_the_loss,
    "ensemble_average": ensemble_average,
    "language_model": language_model,
}


def sequential_on_logits() -> Case:
    case = sequential()
    return mend(case, model=nn.Sequential(*list(case["model"].children())[:-1]))


def on_logits(case: Case) -> Case:
    return mend(case, model=Through(case["model"], "logits"))


MENDED: dict[str, Make] = {
    "sequential": sequential_on_logits,
    "digits_functional": lambda: on_logits(digits_functional()),
    "exponentials_by_hand_lstm": lambda: mend(on_logits(exponentials_by_hand_lstm()), loss=nn.CrossEntropyLoss()),
    "segmentation_in_the_loss": lambda: mend(segmentation_in_the_loss(), loss=nn.CrossEntropyLoss()),
    "ensemble_average": lambda: mend(ensemble_average(), loss=lambda p, y: F.nll_loss(p.log(), y)),
    "language_model": lambda: on_logits(language_model()),
}
