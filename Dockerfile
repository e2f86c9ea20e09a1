# Newsdex as a command: `docker run newsdex:0.1.0 --help`. Elasticsearch and Kibana are other containers.

FROM python:3.12.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python -m venv --without-pip /opt/newsdex && pip install setuptools==80.9.0

# What Newsdex needs, by itself: this layer is built anew only when pyproject.toml or constraints.txt change.
COPY pyproject.toml constraints.txt ./
# The extras are for a Dask cluster and for buckets.
RUN python -c "import tomllib; p = tomllib.load(open('pyproject.toml', 'rb'))['project']; e = p['optional-dependencies']; \
      print(*p['dependencies'], *e['dask'], *e['remote'], sep='\n')" > requirements.txt \
    && pip --python /opt/newsdex/bin/python install --constraint constraints.txt --requirement requirements.txt

COPY README.md LICENSE ./
COPY newsdex newsdex
COPY flows flows
COPY transforms transforms
RUN pip --python /opt/newsdex/bin/python install --no-deps --no-build-isolation .

FROM python:3.12.12-slim-bookworm
RUN useradd --system --uid 10001 --user-group --home-dir /var/lib/newsdex --create-home newsdex
COPY --from=build /opt/newsdex /opt/newsdex
ENV PATH=/opt/newsdex/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    NEWSDEX_HOME=/var/lib/newsdex \
    NEWSDEX_CACHE=/var/lib/newsdex/cache
USER 10001:10001
WORKDIR /var/lib/newsdex
ENTRYPOINT ["newsdex"]
CMD ["--help"]
