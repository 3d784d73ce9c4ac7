"""A Flask application of one route that returns a constant: what Flask and gunicorn alone cost."""

from flask import Flask

app = Flask(__name__, static_folder=None)
app.add_url_rule("/v1/check", view_func=lambda: {"verdict": "no_record"})
