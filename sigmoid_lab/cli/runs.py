import typer
app=typer.Typer()
@app.command()
def list() -> None:
    """x."""
@app.command()
def show() -> None:
    """x."""
